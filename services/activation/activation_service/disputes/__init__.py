""" "Not covered" contested with evidence, and what staff decide (ACT-13)."""

"""Versions of programs, and who may download them (ACT-12)."""

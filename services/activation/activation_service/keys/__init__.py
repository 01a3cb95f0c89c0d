"""Unused licence keys, and which key a licence has (ACT-12)."""

"""Codes that were bought, and until when they can be used (ACT-03)."""

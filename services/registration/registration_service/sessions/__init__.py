"""Signing in: tokens, passwords (REG-05)."""

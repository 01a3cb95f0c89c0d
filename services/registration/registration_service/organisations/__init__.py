"""Organisations, their members and who may see what (REG-03, REG-04, REG-06)."""

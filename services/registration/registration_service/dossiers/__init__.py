"""Bulk files: the same command as the form, row by row (REG-19 to REG-22)."""

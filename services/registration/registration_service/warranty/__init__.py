"""The public check by serial number (REG-23)."""

"""Products that change hands (REG-17)."""

"""Products claimed twice, and what staff decide (REG-16)."""

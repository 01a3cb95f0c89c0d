"""Products that cross a border (REG-18)."""

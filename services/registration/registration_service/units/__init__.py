"""Units that a brand has made, as far as it has told us (REG-22)."""

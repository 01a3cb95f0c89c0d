"""The copy of a contract, for printing and filing (ACT-09)."""

"""How and when a contract can be ended before its term, by either party (ACT-11)."""

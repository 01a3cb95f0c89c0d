"""Credits: an accepted return becomes money back, once, with its arithmetic."""

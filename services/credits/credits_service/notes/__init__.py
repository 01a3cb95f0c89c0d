"""Look-ups of credits."""

"""Files that disputes name, and which of them nothing names any more."""

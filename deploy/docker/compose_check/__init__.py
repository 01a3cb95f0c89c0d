"""The container way, checked from outside: `make compose-check`."""

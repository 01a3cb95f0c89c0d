"""Whom to write to: a copy of what registration says on the private topic `contacts`."""

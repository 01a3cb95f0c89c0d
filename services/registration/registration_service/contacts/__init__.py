"""Persons of whom a brand knows name, address and language."""

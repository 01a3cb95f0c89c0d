"""Registered products, as registration tells of them."""

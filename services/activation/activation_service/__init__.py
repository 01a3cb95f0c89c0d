"""Activation: a redeemed certificate becomes a running service."""

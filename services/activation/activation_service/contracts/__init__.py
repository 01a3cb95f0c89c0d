"""Contracts: which services on which products, until when, renewed and changed (ACT-09, ACT-10)."""

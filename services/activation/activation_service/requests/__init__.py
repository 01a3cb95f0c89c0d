"""Activation by code: one request, several products, each with its own outcome (ACT-02)."""

"""Accounts: sign-up, proof of the address, profile (REG-01, REG-02)."""

"""Orders, the certificate of each, and the ledger of its units."""

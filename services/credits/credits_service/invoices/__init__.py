"""The invoices of units, as they are told to us."""

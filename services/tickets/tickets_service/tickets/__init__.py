"""Repair and return requests: opened, looked at, moved on, their verdict revised (TKT-03, TKT-09, TKT-12)."""

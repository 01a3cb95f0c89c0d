"""Tickets: repair and return requests, coverage verdicts, what repair centres answer (TKT)."""

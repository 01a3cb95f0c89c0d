"""What repair centres answer, judged and applied to tickets (TKT-16)."""

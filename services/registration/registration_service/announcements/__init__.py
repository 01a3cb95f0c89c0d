"""News, dealer cards and planned downtime for those whom they concern (REG-07)."""

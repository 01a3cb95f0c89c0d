"""Who belongs to an organisation: asking to join, the answer, roles (REG-03, REG-04, REG-06)."""

"""What is sold, as activation's catalogue says (REG-08, ACT-04)."""

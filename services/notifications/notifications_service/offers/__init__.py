"""What services are called: the part of activation's catalogue that people read."""

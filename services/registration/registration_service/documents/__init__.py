"""Which of the kept documents are still needed."""

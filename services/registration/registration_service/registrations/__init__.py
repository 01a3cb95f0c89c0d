"""The form: a product, its customer and a unit of a certificate (REG-12)."""

"""Services on products: activated at once, operational after the set-up."""

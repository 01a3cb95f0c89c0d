"""Products that a customer registered, each with the services redeemed for it."""

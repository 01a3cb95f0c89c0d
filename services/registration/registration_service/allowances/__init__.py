"""How often an address may ask what anybody may ask without a token (REG-01, REG-05, REG-10, REG-23)."""

"""What a redeemed unit becomes: a service, a contract's line, a review or a refusal; and how that is undone."""

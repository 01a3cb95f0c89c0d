"""HTTP for every service: commands with idempotency keys, problems in the reader's language, tokens, health."""

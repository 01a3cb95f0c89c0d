"""Plumbing under every service: transactions, outbox, inbox, dead letters, timers, HTTP, Kafka. No business word."""

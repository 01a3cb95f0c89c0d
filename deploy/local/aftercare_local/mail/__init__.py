"""A mail server that delivers nothing: it keeps what arrives and shows it on a page."""

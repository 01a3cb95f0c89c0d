"""Which bulk file is next, and which rests."""

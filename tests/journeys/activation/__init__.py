"""Journeys of activation and contracts; a package, so that their stack is gone when the last of them is over."""

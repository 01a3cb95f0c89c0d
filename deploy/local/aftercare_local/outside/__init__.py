"""Other people's systems, small but real: they know Aftercare by its topics alone and use whatever client they like."""

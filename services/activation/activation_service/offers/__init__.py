"""The catalogue: what a brand sells, and for which models."""

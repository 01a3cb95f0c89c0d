"""Who pays: a read model of products and services heard, and the decision made from it (TKT-09)."""

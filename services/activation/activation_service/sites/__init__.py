"""Where services are given: one address per site, several sites per account, and whether two addresses are alike."""

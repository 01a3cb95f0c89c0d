"""What anybody may know of a brand: languages, contacts, label rules, services (POL-03)."""

"""Each unit's money: what it was invoiced for, and its one credit."""

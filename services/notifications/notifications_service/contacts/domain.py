"""A person as a mail needs them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is reached now."""

    contact_id: UUID
    name: str
    email: str
    language: str
    """As the person asked; the brand may not speak it."""

"""A contact: one person as one brand knows them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from event_schemas.contacts import ContactChanged

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
"""One line without control characters: PostgreSQL cannot store them all, and mail headers must not break."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is reached; `email` is unique within a brand, whatever its case."""

    contact_id: UUID
    brand: str
    name: str
    email: str
    language: str

    def changed(self) -> ContactChanged:
        """The fact that this is how the person is reached now."""
        return ContactChanged(
            contact_id=self.contact_id, brand=self.brand, name=self.name, email=self.email, language=self.language
        )

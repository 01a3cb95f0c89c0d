"""A contact: one person as one brand knows them; and whose things somebody looks at."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from pydantic import StringConstraints

from event_schemas.contacts import ContactChanged

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
"""One line without control characters: PostgreSQL cannot store them all, and mail headers must not break."""
LINES: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
"""Any number of lines, without control characters."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=LINES)]
"""Why somebody does something, in their own words."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is reached; `email` is unique within a brand, whatever its case."""

    contact_id: UUID
    brand: str
    name: str
    email: str
    language: str
    company: str | None = None
    phone: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    channel: str | None = None
    """How they want to be reached: email, phone, post or none."""

    def changed(self) -> ContactChanged:
        """The fact that this is how the person is written to now; the rest stays here (ALL-05)."""
        return ContactChanged(
            contact_id=self.contact_id, brand=self.brand, name=self.name, email=self.email, language=self.language
        )

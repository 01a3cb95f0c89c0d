"""A registered product as activation knows it, and what each fact says of it (ACT-02, REG-17, REG-18)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Product:
    """One physical unit and whose it is."""

    product_id: UUID
    brand: str
    serial: str
    model: str
    purchased_on: date | None
    """Not known as long as only later facts were heard, as is the next day."""
    warranty_ends_on: date | None
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID | None
    """None: back with the lessor, or not known yet."""
    owner: str
    """Whose file it is; empty when nobody's."""
    organisation_id: UUID | None
    country: str | None
    """ISO 3166-1 alpha-2: where the last move has brought it while it was this customer's; none: it never moved."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Whose a product is from one fact on."""

    customer_id: UUID | None
    owner: str
    organisation_id: UUID | None


def canonical(typed: str) -> str:
    """A number the way labels print it: in capitals, without blanks around it."""
    typed = typed.strip()
    return typed.upper() if typed.isascii() else typed  # elsewhere, capitals may be more characters than were typed

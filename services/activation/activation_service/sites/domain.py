"""A site, its address and its number (ACT-05, L11–L14, L16)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
"""One line without control characters."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=PRINTABLE)]
PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=16, pattern=r"^[^\x00-\x1f\x7f]*$")]
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another one when it is read aloud or copied by hand."""


class Address(BaseModel):
    """Where something stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    street: Line = Field(examples=["Kerkstraat 12 bus 3"])
    """Street and house number, with the box where there is one."""
    postal_code: PostalCode = Field("", examples=["9000"])
    """Left out where the country has none."""
    city: Line = Field(examples=["Gent"])
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["BE"])]
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class SiteRef:
    """What a service needs of its site."""

    number: str
    country: str
    time_zone: str
    """A name of the time-zone database, e.g. `Europe/Brussels`."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place of an account where services are given."""

    site_id: UUID
    number: str
    brand: str
    name: str
    address: Address
    time_zone: str
    """A name of the time-zone database, e.g. `Europe/Brussels`."""
    contact_hint: str | None
    """Whom to ask for on the spot, and how to get in."""
    owner: str
    organisation_id: UUID | None
    customer_id: UUID | None
    created_at: datetime
    closed_at: datetime | None = None
    """Since when no service can be activated there any more."""

    @property
    def ref(self) -> SiteRef:
        """What a service needs of it."""
        return SiteRef(self.number, self.address.country, self.time_zone)


def new_number() -> str:
    """A number that nobody guesses: one of 30⁸, e.g. `S-7KQ2-M9XA`."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"S-{drawn[:4]}-{drawn[4:]}"


def written(number: str) -> str:
    """A site number as it is printed, whatever case it was typed in and whether or not with its hyphens."""
    plain = "".join(one for one in number.upper() if one.isalnum() and one.isascii())
    return f"S-{plain[1:5]}-{plain[5:]}" if len(plain) == 9 and plain.startswith("S") else number.strip()

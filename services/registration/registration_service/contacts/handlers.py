"""Remembering people (REG-08: to whom the certificate goes; ALL-05: the rest of the world knows ids)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints
from uuid6 import uuid7

from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.contacts import ContactChanged
from registration_service.contacts import store
from registration_service.contacts.countries import country_problem
from registration_service.contacts.domain import PRINTABLE, Contact
from registration_service.contacts.names import Name
from registration_service.policy import BrandName, Language, policy_of

PostalCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=PRINTABLE)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=32, pattern=r"^\+?[0-9][0-9 ()./-]{3,30}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Channel = Literal["email", "phone", "post", "none"]
OVERWRITES: Final = "contacts:write"
"""Scope of those who write anew what is known of a person: our own servers and staff."""


class Address(BaseModel):
    """Where a person is; any part of it may be unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    street: Name | None = Field(None, examples=["Kerkstraat 12"])
    postal_code: PostalCode | None = Field(None, examples=["9000"])
    city: Name | None = Field(None, examples=["Gent"])
    country: Country | None = Field(None, examples=["BE"])
    """ISO 3166-1 alpha-2."""


class Person(BaseModel):
    """How a person wants to be written to; what is not said of a known person stays as it is.

    Only the person themselves and our own servers change what is known; others may add what is not known yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Name = Field(examples=["Camille Martin"])
    email: EmailStr = Field(examples=["camille.martin@example.com"])
    language: Language = Field(examples=["fr"])
    """ISO 639-1."""
    company: Name | None = Field(None, examples=["Martin & Filles SARL"])
    phone: Phone | None = Field(None, examples=["+33 1 70 18 99 00"])
    """Digits, with blanks, brackets, dots, slashes or hyphens between them; a leading + for an international number."""
    address: Address | None = None
    contact_channel: Channel | None = Field(None, examples=["email"])
    """How they want to be reached about the product."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A person's id, and what there is to say about it."""

    contact_id: UUID
    facts: tuple[ContactChanged, ...] = ()


class RememberContact(Person):
    """Remember a person, or what is new about them."""

    brand: BrandName


class ContactView(BaseModel):
    """The person's id; the same for the same brand and address."""

    contact_id: UUID


async def remember_contact(command: RememberContact, tx: Tx, by: Caller | None = None) -> Accepted | Refusal:
    """One contact for each brand and address; says ContactChanged only when something did."""
    person = await recognise(command, command.brand, tx, by=by)
    return person if isinstance(person, Refusal) else Accepted(ContactView(contact_id=person.contact_id), person.facts)


def unacceptable(person: Person, brand: str, pointer: str = "") -> Refusal | None:
    """What the brand cannot take of a person: their language, or a country that does not exist. Raises UnknownBrand."""
    languages = policy_of(brand).languages
    if person.language not in languages:
        return Refusal("language-not-offered", 422, f"{pointer}/language", person.language, languages)
    if person.address and person.address.country:
        return country_problem(person.address.country, f"{pointer}/address/country")
    return None


async def recognise(
    person: Person, brand: str, tx: Tx, pointer: str = "", by: Caller | None = None
) -> Recognised | Refusal:
    """The contact of a person who is part of another command; `pointer` leads to them. Raises UnknownBrand.

    The contact of an account is returned as it is, unless that account itself says what is new. Of any other, callers
    with `contacts:write` change what is known, and everybody else only adds what is not: whoever knows an address
    must not be able to write a stranger's particulars anew.
    """
    if wrong := unacceptable(person, brand, pointer):
        return wrong
    own, overwrites = (by.contact, OVERWRITES in by.scopes) if by else (None, False)
    new = _contact(person, brand)
    found = await store.write(tx, new, own, overwrites) or await store.write(tx, new, own, overwrites)
    assert found is not None  # the first try has locked it as it stands
    return Recognised(found.contact_id, (found.changed(),)) if isinstance(found, Contact) else Recognised(found)


async def languages_of(brand: str, emails: Sequence[str], tx: Tx) -> dict[str, str]:
    """The languages of known people by address in small letters, for who writes to them without saying one."""
    return await store.languages(tx, brand, emails)


def _contact(person: Person, brand: str) -> Contact:
    address = person.address or Address()
    return Contact(
        contact_id=uuid7(),
        brand=brand,
        name=person.name,
        email=str(person.email),
        language=person.language,
        company=person.company,
        phone=person.phone,
        street=address.street,
        postal_code=address.postal_code,
        city=address.city,
        country=address.country,
        channel=person.contact_channel,
    )

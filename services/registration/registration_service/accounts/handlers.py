"""Remembering people (REG-08: to whom the certificate goes; ALL-05: the rest of the world knows ids)."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints
from uuid6 import uuid7

from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.contacts import ContactChanged
from registration_service.accounts import store
from registration_service.accounts.domain import PRINTABLE, Contact
from registration_service.policy import BrandName, Language, policy_of

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=PRINTABLE)]


class Person(BaseModel):
    """How a person wants to be written to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Name = Field(examples=["Camille Martin"])
    email: EmailStr = Field(examples=["camille.martin@example.com"])
    language: Language = Field(examples=["fr"])
    """ISO 639-1."""


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


async def remember_contact(command: RememberContact, tx: Tx) -> Accepted | Refusal:
    """One contact for each brand and address; says ContactChanged only when something did."""
    person = await recognise(command, command.brand, tx)
    return person if isinstance(person, Refusal) else Accepted(ContactView(contact_id=person.contact_id), person.facts)


async def recognise(person: Person, brand: str, tx: Tx, pointer: str = "") -> Recognised | Refusal:
    """The contact of a person who is part of another command; `pointer` leads to them. Raises UnknownBrand."""
    languages = policy_of(brand).languages
    if person.language not in languages:
        return Refusal("language-not-offered", 422, f"{pointer}/language", person.language, languages)
    new = Contact(uuid7(), brand, person.name, str(person.email), person.language)
    known = await store.id_of(tx, new)  # mostly so; a lock here would let a busy dealer's commands wait for each other
    if known is None and (written := await store.write(tx, new)):
        return Recognised(written.contact_id, (written.changed(),))
    known = known or await store.id_of(tx, new)  # somebody else wrote the same a moment ago
    assert known is not None  # the refused write has locked it as it stands
    return Recognised(known)

"""A product that somebody bought, and whose it is then: the rules with a certificate and without (REG-12 to REG-16)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis import documents
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.contacts import ContactChanged
from registration_service.certificates.domain import Certificate, PurchaseDay
from registration_service.contacts.handlers import Person, recognise
from registration_service.contests.domain import Claim
from registration_service.contests.handlers import open_contest, view_of
from registration_service.policy import BrandName, Policy
from registration_service.products.domain import Product, RegisteredAs, Registrant, canonical
from registration_service.products.handlers import Held, hold, unit_of
from registration_service.products.labels import Label, wrong_model, wrong_serial
from registration_service.units.handlers import model_of

MOST_PROOFS: Final = 20
Proofs = Annotated[tuple[UUID, ...], Field(max_length=MOST_PROOFS, examples=[["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"]])]


class Purchase(BaseModel):
    """One product of one customer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    serial: Label = Field(examples=["9H0123456X"])
    """As on the product's label."""
    model: Label | None = Field(None, examples=["PT5B1E-0K601"])
    """As on the product's label; may be left out when the brand has told us which unit the serial number is."""
    purchased_on: PurchaseDay = Field(examples=["2026-11-20"])
    """Day of purchase, where the standard warranty starts; from 1990-01-01 to today in the brand's time zone."""
    customer: Person
    registered_as: RegisteredAs = "end-customer"
    """`reseller` when somebody registers on the customer's behalf."""
    proof_of_purchase: Proofs = ()
    """Documents kept before with `POST /documents`."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A product as somebody claims it, and what there is to say about its customer."""

    product: Product
    by: Registrant
    facts: tuple[ContactChanged, ...]


def unacceptable(said: Purchase, policy: Policy, today: date) -> Refusal | None:
    """What is wrong with the numbers or the day, by the brand's rules (REG-13)."""
    if wrong := wrong_serial(said.serial, policy):
        return wrong
    if said.model is not None and (wrong := wrong_model(said.model, policy)):
        return wrong
    if said.purchased_on > today:
        return Refusal("purchase-in-future", 422, "/purchased_on", str(said.purchased_on), f"≤ {today}")
    return None


async def model_said(said: Purchase, tx: Tx) -> str | Refusal:
    """The model (canonical), or the one that the brand has told for the serial number."""
    if said.model is not None:
        return canonical(said.model)
    return await model_of(said.brand, canonical(said.serial), tx)


async def claim(said: Purchase, model: str, tx: Tx, by: Caller) -> Claimed | Refusal:
    """The product as it would be registered; its customer is known from now on. Raises UnknownBrand."""
    if said.proof_of_purchase:
        proofs = await documents.held(tx, said.proof_of_purchase, by, "/proof_of_purchase/{}")
        if isinstance(proofs, Refusal):
            return proofs
    registrant = Registrant(by.owner, by.organisation, said.registered_as, said.proof_of_purchase)
    customer = await recognise(said.customer, said.brand, tx, "/customer", by)
    if isinstance(customer, Refusal):
        return customer
    serial = canonical(said.serial)
    product = unit_of(said.brand, model, serial, said.purchased_on, customer.contact_id, registrant)
    return Claimed(product, registrant, customer.facts)


async def hold_claimed(
    claimed: Claimed, certificate: Certificate | None, tx: Tx, by: Caller
) -> Held | Accepted | Refusal:
    """The customer's product, locked; a contest for one that is another customer's (ContestView, 202; REG-16).

    `certificate` is of the service that is to be registered with it, if any.
    """
    held = await hold(claimed.product, tx, by)  # always before the certificate: one order of locks
    if isinstance(held, Refusal):
        return held
    if held.product.customer_id != claimed.product.customer_id:
        opened = await open_contest(held.product, _claim_to(claimed, certificate), tx)
        return Accepted(view_of(opened.contest, opened.contest.parties_of(by)), (*claimed.facts, *opened.facts), 202)
    if held.product.purchased_on != claimed.product.purchased_on:
        return Refusal("serial-registered-differently", 409, "/serial", claimed.product.serial)
    return held


def _claim_to(claimed: Claimed, certificate: Certificate | None) -> Claim:
    return Claim(
        claimed.product.customer_id,
        certificate.certificate_id if certificate else None,
        certificate.service_reference if certificate else None,
        claimed.product.purchased_on,
        claimed.by,
    )

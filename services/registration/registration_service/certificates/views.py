"""What is shown of certificates: the pre-filled form, the list, the ledger."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field

from registration_service.certificates.domain import certificate_in
from registration_service.offers.domain import Names, Offer
from registration_service.policy import policy_of


class RegistrationForm(BaseModel):
    """Everything that pre-fills the registration of a certificate's next unit."""

    brand: str
    certificate: str
    service_reference: str
    service_name: str
    """In the reader's language."""
    quantity: int
    units_left: int
    case_number: str
    models: list[str] = Field(examples=[["PT5B1E-*"]])
    """Patterns of the models that the service covers."""
    serial_hint: str = Field(examples=["On the sticker under the product: 9 or 10 letters and digits"])
    """Where the serial number is and what it looks like, in the reader's language."""
    usable_until: date | None = Field(examples=["2027-02-18"])
    """Last day on which a unit can be redeemed, inclusive; null without a deadline (ACT-03)."""
    contact_address: str = Field(examples=["service@dynabook.example"])
    """Where to write when something is unclear."""


class CertificateView(BaseModel):
    """An order's certificate; its number is known to its buyer's mailbox only."""

    certificate_id: UUID
    order_id: UUID
    brand: str = Field(examples=["dynabook"])
    case_number: str = Field(examples=["FR-2026-004711"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""
    quantity: int = Field(examples=[3])
    units_left: int = Field(examples=[2])
    buyer_id: UUID
    purchased_on: date = Field(examples=["2026-11-20"])
    usable_until: date | None = Field(examples=["2027-02-18"])
    """Last day on which a unit can be redeemed, inclusive; null without a deadline (ACT-03)."""
    confirmed_at: datetime


class EntryView(BaseModel):
    """One unit taken (-1) or given back (+1): who, when, for which serial, why."""

    redemption_id: UUID
    customer_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    change: Literal[-1, 1] = Field(examples=[-1])
    at: datetime
    by: str = Field(examples=["gateway"])
    """Who asked for it: the subject of their token, or `activation` for a service that cannot run."""
    reason: str = Field(examples=["redeemed"])
    """`redeemed`, `activation_refused`, `activation_cancelled`, `customer_request` or `contest_settled`."""


class LedgerView(BaseModel):
    """A certificate's units; all its entries sum to `units_left - quantity`."""

    certificate_id: UUID
    quantity: int
    units_left: int
    entries: list[EntryView]
    """Oldest first."""
    next_cursor: str | None


def certificate_view(row: Record, names: Names) -> CertificateView:
    """A row of the list."""
    certificate, brand, reference = certificate_in(row), row["brand"], row["service_reference"]
    offer = names.offers.get((brand, reference))
    last = certificate.last_day(offer) if offer else certificate.usable_until
    told = {**row, "purchased_on": certificate.purchased_on, "usable_until": last}
    return CertificateView(**told, service_name=names.of(brand, reference))


def form_of(row: Record, offer: Offer, language: str) -> RegistrationForm:
    """What pre-fills the form of a certificate, in a language."""
    policy = policy_of(row["brand"])
    return RegistrationForm(
        brand=row["brand"],
        certificate=row["number"],
        service_reference=row["service_reference"],
        service_name=offer.name_in(language),
        quantity=row["quantity"],
        units_left=row["units_left"],
        case_number=row["case_number"],
        models=list(offer.models),
        serial_hint=policy.serial_hint.speak(language),
        usable_until=certificate_in(row).last_day(offer),
        contact_address=policy.contacts.requests,
    )


def entry_view(row: Record) -> EntryView:
    """A line of the ledger."""
    return EntryView(
        redemption_id=row["redemption_id"],
        customer_id=row["customer_id"],
        serial=row["serial"],
        change=row["change"],
        at=row["entered_at"],
        by=row["entered_by"],
        reason=row["reason"],
    )

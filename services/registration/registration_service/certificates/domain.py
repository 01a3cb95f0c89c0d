"""Certificate numbers, and what an order and its certificate say about themselves (REG-08)."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Protocol
from uuid import UUID

from pydantic import AfterValidator
from pydantic_core import PydanticKnownError

from chassis.days import Day
from event_schemas.registration import OrderConfirmed
from event_schemas.registration_mail import CertificateIssued
from registration_service.offers.domain import Offer
from registration_service.policy import policy_of

ALPHABET: Final = "34679ACDEFGHJKMNPQRTUVWXY"
"""Nothing that reads like something else: no 0 O, 1 I L, 2 Z, 5 S, 8 B."""
FIRST_DAY: Final = date(1990, 1, 1)
RANDOM_CHARACTERS: Final = 10
"""46 bits: with a hundred thousand certificates out, one guess in a thousand million finds one."""
_FORM: Final = re.compile(f"[A-Z]{{2}}[{ALPHABET}]{{{RANDOM_CHARACTERS}}}", re.ASCII | re.IGNORECASE)


def _not_too_early(day: date) -> date:
    if day < FIRST_DAY:
        raise PydanticKnownError("greater_than_equal", {"ge": FIRST_DAY.isoformat()})
    return day


PurchaseDay = Annotated[Day, AfterValidator(_not_too_early)]
"""A day on which a product or service that still matters can have been bought."""


def new_number(prefix: str) -> str:
    """An unguessable certificate number; whoever holds it may redeem, so it goes nowhere but to its buyer."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))


def as_issued(typed: str) -> str:
    """A typed number the way it was issued; an empty text when it cannot be one."""
    number = typed.strip()
    return number.upper() if _FORM.fullmatch(number) else ""


def bought_on(brand: str, purchased_on: date | None, confirmed_at: datetime) -> date:
    """Day of purchase of an order; the day of its confirmation where none was said. Raises UnknownBrand."""
    return purchased_on or policy_of(brand).day_of(confirmed_at)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate without its number: what other capabilities may know."""

    certificate_id: UUID
    brand: str
    service_reference: str
    quantity: int
    purchased_on: date
    usable_until: date | None
    """The last day that was said when its order was confirmed (ACT-03)."""
    is_dated: bool
    """Whether that was said at all; in orders of before, the offer's days count as they are now."""

    def last_day(self, offer: Offer) -> date | None:
        """The last day on which it can be used, inclusive; None without a deadline (ACT-03)."""
        return self.usable_until if self.is_dated else offer.usable_until(self.purchased_on)


class Row(Protocol):
    """What is asked for its columns by their names."""

    def __getitem__(self, name: str, /) -> Any: ...


def certificate_in(row: Row) -> Certificate:
    """The certificate of a row that has at least its columns and its order's days."""
    said = row["purchased_on"]
    return Certificate(
        certificate_id=row["certificate_id"],
        brand=row["brand"],
        service_reference=row["service_reference"],
        quantity=row["quantity"],
        purchased_on=bought_on(row["brand"], said, row["confirmed_at"]),
        usable_until=row["usable_until"],
        is_dated=said is not None,
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a certificate on its way to or from one product: a line of the ledger."""

    redemption_id: UUID
    certificate_id: UUID
    customer_id: UUID
    serial: str
    by: str
    """Who moves it: the subject of a token, or the service that asked for it."""
    reason: str
    """Why: `redeemed`, or the reason of a cancellation."""


@dataclass(frozen=True, slots=True)
class Order:
    """A confirmed purchase of `quantity` times one service."""

    order_id: UUID
    certificate_id: UUID
    brand: str
    case_number: str
    service_reference: str
    service_name: str
    quantity: int
    buyer_id: UUID
    purchased_on: date
    usable_until: date | None
    """Last day for its certificate, inclusive, by the catalogue of now; whatever becomes of the offer, it stays so."""
    owner: str
    organisation_id: UUID | None
    """The dealer for whom it was confirmed."""

    def confirmed(self) -> OrderConfirmed:
        """The fact for everybody."""
        return OrderConfirmed(
            brand=self.brand,
            order_id=self.order_id,
            case_number=self.case_number,
            service_reference=self.service_reference,
            service_name=self.service_name,
            quantity=self.quantity,
            certificate_id=self.certificate_id,
            buyer_id=self.buyer_id,
            purchased_on=self.purchased_on,
            usable_until=self.usable_until,
        )

    def issued(self, number: str, public_url: str) -> CertificateIssued:
        """The fact for the mailer alone: number, link and last day (REG-10, ACT-03)."""
        return CertificateIssued(
            brand=self.brand,
            certificate_id=self.certificate_id,
            order_id=self.order_id,
            buyer_id=self.buyer_id,
            case_number=self.case_number,
            service_reference=self.service_reference,
            service_name=self.service_name,
            quantity=self.quantity,
            certificate_number=number,
            registration_url=f"{public_url}/registration-form?certificate={number}",
            usable_until=self.usable_until,
        )

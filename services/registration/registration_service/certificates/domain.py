"""Certificate numbers, and what an order and its certificate say about themselves (REG-08)."""

import re
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from event_schemas.registration import OrderConfirmed
from event_schemas.registration_mail import CertificateIssued

ALPHABET: Final = "34679ACDEFGHJKMNPQRTUVWXY"
"""Nothing that reads like something else: no 0 O, 1 I L, 2 Z, 5 S, 8 B."""
RANDOM_CHARACTERS: Final = 10
"""46 bits: with a hundred thousand certificates out, one guess in a thousand million finds one."""
_FORM: Final = re.compile(f"[A-Z]{{2}}[{ALPHABET}]{{{RANDOM_CHARACTERS}}}", re.ASCII | re.IGNORECASE)


def new_number(prefix: str) -> str:
    """An unguessable certificate number; whoever holds it may redeem, so it goes nowhere but to its buyer."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))


def as_issued(typed: str) -> str:
    """A typed number the way it was issued; an empty text when it cannot be one."""
    number = typed.strip()
    return number.upper() if _FORM.fullmatch(number) else ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate without its number: what other capabilities may know."""

    certificate_id: UUID
    brand: str
    service_reference: str
    quantity: int


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
        )

    def issued(self, number: str, public_url: str) -> CertificateIssued:
        """The fact for the mailer alone: number and link (REG-10)."""
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
        )

"""Which mail an event makes, for whom, and what follows from the mail server's answer (NTF-01, NTF-04)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceOperational
from event_schemas.credits import CreditIssued, CreditRefused
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_mail import CertificateIssued
from event_schemas.service_centre import RepairOutcome
from event_schemas.tickets import (
    CoverageDecided,
    CoverageRevised,
    ReceivedByServiceCentre,
    RepairFinished,
    ReturnAccepted,
    ReturnRefused,
    ReturnRequested,
)

ForCustomer: TypeAlias = (
    ProductRegistered
    | RegistrationCancelled
    | ServiceActivated
    | ServiceOperational
    | ActivationRefused
    | CoverageDecided
    | CoverageRevised
    | ReceivedByServiceCentre
    | RepairFinished
    | ReturnRequested
    | ReturnAccepted
    | ReturnRefused
    | CreditIssued
    | CreditRefused
)
Mailed: TypeAlias = CertificateIssued | ForCustomer
"""The events that are told by mail."""

KINDS: Final[Mapping[type[Mailed], str]] = {
    CertificateIssued: "order-confirmed",
    ProductRegistered: "product-registered",
    RegistrationCancelled: "registration-cancelled",
    ServiceActivated: "service-activated",
    ServiceOperational: "service-operational",
    ActivationRefused: "activation-refused",
    CoverageDecided: "ticket-received",
    CoverageRevised: "coverage-revised",
    ReceivedByServiceCentre: "unit-received",
    RepairFinished: "repair-finished",
    ReturnRequested: "return-requested",
    ReturnAccepted: "return-accepted",
    ReturnRefused: "return-refused",
    CreditIssued: "credit-issued",
    CreditRefused: "credit-refused",
}
OUTCOMES: Final[Mapping[RepairOutcome, str]] = {
    RepairOutcome.REPAIRED: "unit-repaired",
    RepairOutcome.NOT_REPAIRABLE: "unit-not-repairable",
}
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=5)
"""As mail servers do (RFC 5321, 4.5.4.1)."""
LONGEST_REASON: Final = 300
_ADDRESS: Final = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class MailState(StrEnum):
    """Where a mail is."""

    WAITING = "waiting"
    """Nobody has said yet how the recipient is reached."""
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """A queued mail, before it is written."""

    id: UUID
    message_id: str
    kind: str
    contact_id: UUID
    caused_by: UUID
    correlation_id: str
    event: Mailed
    queued_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The server is now responsible for the mail."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not now."""

    reason: str
    server_away: bool = False
    """The trouble is not this mail's: others need not be tried at once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Never."""

    reason: str


Outcome: TypeAlias = Taken | PutOff | Refused


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mail offered to the server, and its answer."""

    mail: Mail
    language: str
    subject: str
    offered_to: str
    outcome: Outcome


def kind_of(event: Mailed) -> str:
    """The name of the mail's text."""
    if isinstance(event, RepairFinished) and event.outcome in OUTCOMES:
        return OUTCOMES[event.outcome]
    return KINDS[type(event)]


def recipient_of(event: Mailed) -> UUID:
    """Whom the event concerns: the buyer of a certificate, else the customer."""
    return event.buyer_id if isinstance(event, CertificateIssued) else event.customer_id


def wait_after(attempts: int) -> timedelta:
    """Back-off after so many attempts (from 1): 5 s, doubled each time, at most an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 20)))


def final(outcome: Outcome, queued_at: datetime, now: datetime) -> Outcome:
    """The outcome as it stands: what was put off for five days is refused."""
    if isinstance(outcome, PutOff) and now - queued_at >= GIVE_UP_AFTER:
        return Refused(f"given up after {GIVE_UP_AFTER.days} days: {outcome.reason}")
    return outcome


def without_address(answer: str, address: str) -> str:
    """A server's answer with every address taken out, and the local part of `address` where it stands alone."""
    said = _ADDRESS.sub("…", answer.replace("\x00", ""))
    local = re.escape(address.rpartition("@")[0])
    return re.sub(rf"(?<!\w){local}(?!\w)", "…", said, flags=re.IGNORECASE)[:LONGEST_REASON]

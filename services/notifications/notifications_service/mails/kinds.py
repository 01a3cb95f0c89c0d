"""Which mails an event makes, and for whom (NTF-01)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, cast
from uuid import UUID

from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.credits import CreditIssued, CreditRefused
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import MoveAssigned, MoveExecuted, ProductTransferred, RegistrationContested
from event_schemas.registration_dossiers import DossierCompleted
from event_schemas.registration_mail import (
    ApprovalAnswered,
    ApprovalRequested,
    CertificateIssued,
    CodesSent,
    ContestAnswered,
    MoveAnswered,
    PasswordChanged,
    PasswordResetRequested,
    SignUpRepeated,
    VerificationRequested,
)
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

OfOneKind: TypeAlias = (
    VerificationRequested
    | SignUpRepeated
    | PasswordResetRequested
    | PasswordChanged
    | ApprovalRequested
    | CertificateIssued
    | CodesSent
    | DossierCompleted
    | ProductRegistered
    | RegistrationCancelled
    | MoveAssigned
    | MoveExecuted
    | ServiceActivated
    | ServiceOperational
    | ActivationRefused
    | ServiceEnded
    | CoverageDecided
    | CoverageRevised
    | ReceivedByServiceCentre
    | ReturnRequested
    | ReturnAccepted
    | ReturnRefused
    | CreditIssued
    | CreditRefused
)
Mailed: TypeAlias = (
    OfOneKind
    | ApprovalAnswered
    | RegistrationContested
    | ContestAnswered
    | ProductTransferred
    | MoveAnswered
    | RepairFinished
)
"""The events that are told by mail."""


@dataclass(frozen=True, slots=True)
class Told:
    """One mail of an event: which text, and to whom."""

    kind: str
    contact_id: UUID


ONE_KIND: Final[Mapping[type[OfOneKind], tuple[str, str]]] = {
    VerificationRequested: ("verification-requested", "contact_id"),
    SignUpRepeated: ("sign-up-repeated", "contact_id"),
    PasswordResetRequested: ("password-reset-requested", "contact_id"),
    PasswordChanged: ("password-changed", "contact_id"),
    ApprovalRequested: ("approval-requested", "administrator_id"),
    CertificateIssued: ("order-confirmed", "buyer_id"),
    CodesSent: ("codes-sent", "recipient_id"),
    DossierCompleted: ("dossier-completed", "submitter_id"),
    ProductRegistered: ("product-registered", "customer_id"),
    RegistrationCancelled: ("registration-cancelled", "customer_id"),
    MoveAssigned: ("move-assigned", "customer_id"),
    MoveExecuted: ("move-executed", "customer_id"),
    ServiceActivated: ("service-activated", "customer_id"),
    ServiceOperational: ("service-operational", "customer_id"),
    ActivationRefused: ("activation-refused", "customer_id"),
    ServiceEnded: ("service-ended", "customer_id"),
    CoverageDecided: ("ticket-received", "customer_id"),
    CoverageRevised: ("coverage-revised", "customer_id"),
    ReceivedByServiceCentre: ("unit-received", "customer_id"),
    ReturnRequested: ("return-requested", "customer_id"),
    ReturnAccepted: ("return-accepted", "customer_id"),
    ReturnRefused: ("return-refused", "customer_id"),
    CreditIssued: ("credit-issued", "customer_id"),
    CreditRefused: ("credit-refused", "customer_id"),
}
"""Events that make one mail, always of one kind -> the kind, and the field that names the recipient."""
OUTCOMES: Final[Mapping[RepairOutcome, str]] = {
    RepairOutcome.REPAIRED: "unit-repaired",
    RepairOutcome.NOT_REPAIRABLE: "unit-not-repairable",
}


def mails_of(event: Mailed) -> tuple[Told, ...]:
    """Each mail that an event makes; a recipient who is named twice gets the first (NTF-04)."""
    match event:
        case ApprovalAnswered():
            return (Told("approval-granted" if event.approved else "approval-refused", event.applicant_id),)
        case MoveAnswered():
            return (Told("move-approved" if event.approved else "move-refused", event.customer_id),)
        case ContestAnswered():
            return (Told("contest-won" if event.keeps_product else "contest-lost", event.party_id),)
        case RepairFinished():
            return (Told(OUTCOMES.get(event.outcome, "repair-finished"), event.customer_id),)
        case RegistrationContested():
            return Told("contest-holder", event.holder_id), Told("contest-claimant", event.claimant_id)
        case ProductTransferred():
            former = Told("product-handed-over", event.from_customer_id)
            return (former, Told("product-received", event.to_customer_id)) if event.to_customer_id else (former,)
    kind, field = ONE_KIND[type(event)]
    return (Told(kind, cast("UUID", getattr(event, field))),)


def expires_at(event: Mailed) -> datetime | None:
    """From when on the event's mail must not go out any more; None: it never grows too old."""
    return event.expires_at if isinstance(event, VerificationRequested | PasswordResetRequested) else None


def asked_language(event: Mailed) -> str | None:
    """The language that was asked for with what the event is about; None: the person's."""
    return event.language if isinstance(event, VerificationRequested) else None

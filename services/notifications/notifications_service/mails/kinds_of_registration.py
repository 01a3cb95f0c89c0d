"""Mails about accounts, orders, products and their cases (NTF-01)."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from event_schemas import Event
from event_schemas.registration import CancellationReason, CodeRefused, ProductRegistered, RegistrationCancelled
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
from notifications_service.mails.told import Told

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
    | MoveAssigned
    | MoveExecuted
    | CodeRefused
)
Varied: TypeAlias = (
    ApprovalAnswered
    | RegistrationCancelled
    | RegistrationContested
    | ContestAnswered
    | ProductTransferred
    | MoveAnswered
)
ONE_KIND: Final[Mapping[type[Event], tuple[str, str]]] = {
    VerificationRequested: ("verification-requested", "contact_id"),
    SignUpRepeated: ("sign-up-repeated", "contact_id"),
    PasswordResetRequested: ("password-reset-requested", "contact_id"),
    PasswordChanged: ("password-changed", "contact_id"),
    ApprovalRequested: ("approval-requested", "administrator_id"),
    CertificateIssued: ("order-confirmed", "buyer_id"),
    CodesSent: ("codes-sent", "recipient_id"),
    DossierCompleted: ("dossier-completed", "submitter_id"),
    ProductRegistered: ("product-registered", "customer_id"),
    MoveAssigned: ("move-assigned", "customer_id"),
    MoveExecuted: ("move-executed", "customer_id"),
    CodeRefused: ("code-refused", "customer_id"),
}
FOLLOWS_A_MAIL: Final = (CancellationReason.ACTIVATION_REFUSED, CancellationReason.ACTIVATION_CANCELLED)
"""A cancellation for one of these answers what the customer has been told already."""


def varied(event: Varied) -> tuple[Told, ...]:
    """The mails of an event that makes several, or one of several kinds, or none."""
    match event:
        case ApprovalAnswered():
            return (Told("approval-granted" if event.approved else "approval-refused", event.applicant_id),)
        case MoveAnswered():
            return (Told("move-approved" if event.approved else "move-refused", event.customer_id),)
        case ContestAnswered():
            return (Told("contest-won" if event.keeps_product else "contest-lost", event.party_id),)
        case RegistrationContested():
            return Told("contest-holder", event.holder_id), Told("contest-claimant", event.claimant_id)
        case RegistrationCancelled():
            told = event.reason in FOLLOWS_A_MAIL
            return () if told else (Told("registration-cancelled", event.customer_id),)
        case ProductTransferred():
            former = Told("product-handed-over", event.from_customer_id)
            return (former, Told("product-received", event.to_customer_id)) if event.to_customer_id else (former,)

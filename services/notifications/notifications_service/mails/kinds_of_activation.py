"""Mails about services, codes, contracts, disputes and licences (NTF-01)."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from event_schemas import Event
from event_schemas.activation import (
    ActivationCancelled,
    ActivationHeld,
    ActivationRefusal,
    ActivationRefused,
    CodeLapsed,
    CodeLapsing,
    EndReason,
    ServiceActivated,
    ServiceEnded,
    ServiceOperational,
)
from event_schemas.activation_contracts import (
    ContractChanged,
    ContractExpired,
    ContractExpiring,
    ContractOpened,
    ContractRenewed,
    ContractTerminated,
    DisputeDecision,
    DisputeOpened,
    LicenceIssued,
    LicenceMaintenanceLapsed,
    LicenceMaintenanceReinstated,
    Party,
    TerminationReason,
)
from event_schemas.activation_mail import DisputeAnswered, ReviewAnswered
from notifications_service.mails.told import Told

OfOneKind: TypeAlias = (
    ActivationHeld
    | ActivationCancelled
    | CodeLapsing
    | CodeLapsed
    | ContractExpiring
    | ContractExpired
    | DisputeOpened
    | LicenceIssued
    | LicenceMaintenanceLapsed
    | LicenceMaintenanceReinstated
)
Varied: TypeAlias = (
    ServiceActivated
    | ServiceOperational
    | ActivationRefused
    | ServiceEnded
    | ReviewAnswered
    | ContractOpened
    | ContractChanged
    | ContractRenewed
    | ContractTerminated
    | DisputeAnswered
)
ONE_KIND: Final[Mapping[type[Event], tuple[str, str]]] = {
    ActivationHeld: ("activation-held", "customer_id"),
    ActivationCancelled: ("activation-cancelled", "customer_id"),
    CodeLapsing: ("code-lapsing", "buyer_id"),
    CodeLapsed: ("code-lapsed", "buyer_id"),
    ContractExpiring: ("contract-expiring", "customer_id"),
    ContractExpired: ("contract-expired", "customer_id"),
    DisputeOpened: ("dispute-opened", "customer_id"),
    LicenceIssued: ("licence-issued", "customer_id"),
    LicenceMaintenanceLapsed: ("maintenance-lapsed", "customer_id"),
    LicenceMaintenanceReinstated: ("maintenance-reinstated", "customer_id"),
}
DECISIONS: Final[Mapping[DisputeDecision, str]] = {
    DisputeDecision.COVERED: "dispute-covered",
    DisputeDecision.NOT_COVERED: "dispute-not-covered",
}


def varied(event: Varied) -> tuple[Told, ...]:
    """The mail of an event that makes one of several kinds, or none because another event's mail says it."""
    kind = _kind(event)
    return (Told(kind, event.customer_id),) if kind else ()


def _kind(event: Varied) -> str:
    match event:
        case ActivationRefused():  # a review that ends so is told with its reason: ReviewAnswered
            return "" if event.reason is ActivationRefusal.ADDRESS_NOT_CONFIRMED else "activation-refused"
        case ReviewAnswered():
            return "review-released" if event.released else "review-refused"
        case DisputeAnswered():
            return DECISIONS.get(event.decision, "dispute-closed")
        case ServiceActivated() | ServiceOperational() | ServiceEnded():
            return _of_service(event)
        case _:
            return _of_contract(event)


def _of_service(event: ServiceActivated | ServiceOperational | ServiceEnded) -> str:
    """What a contract does to many of its services at once, it tells itself."""
    match event:
        case ServiceActivated():
            return "" if event.agreed else "service-activated"
        case ServiceOperational():
            return "" if event.agreed else "service-operational"
        case ServiceEnded():
            return "" if event.together or event.reason is EndReason.TERMINATION else "service-ended"


def _of_contract(event: ContractOpened | ContractChanged | ContractRenewed | ContractTerminated) -> str:
    match event:
        case ContractOpened():
            return "contract-opened" if event.agreed else ""
        case ContractChanged():
            return _change(event)
        case ContractRenewed():
            return "contract-renewed" if event.seamless else "contract-renewed-anew"
        case ContractTerminated():
            return _termination(event)


def _change(event: ContractChanged) -> str:
    if event.removed_until:
        return "contract-lines-removed"
    # lines that come in for others that go start anew with another term, of which ContractRenewed tells
    return "contract-lines-added" if event.agreed and event.added and not event.removed else ""


def _termination(event: ContractTerminated) -> str:
    if event.reason is TerminationReason.NO_LINES:  # whoever took its last service off heard of that service's end
        return ""
    return "contract-ended-by-customer" if event.by is Party.CUSTOMER else "contract-terminated"

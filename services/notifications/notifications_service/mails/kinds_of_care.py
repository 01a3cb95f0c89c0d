"""Mails about repairs, returns and credits (NTF-01)."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from event_schemas import Event
from event_schemas.credits import CreditIssued, CreditRefused
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
from notifications_service.mails.told import Told

OfOneKind: TypeAlias = (
    CoverageDecided
    | CoverageRevised
    | ReceivedByServiceCentre
    | ReturnRequested
    | ReturnAccepted
    | ReturnRefused
    | CreditIssued
    | CreditRefused
)
Varied: TypeAlias = RepairFinished
ONE_KIND: Final[Mapping[type[Event], tuple[str, str]]] = {
    CoverageDecided: ("ticket-received", "customer_id"),
    CoverageRevised: ("coverage-revised", "customer_id"),
    ReceivedByServiceCentre: ("unit-received", "customer_id"),
    ReturnRequested: ("return-requested", "customer_id"),
    ReturnAccepted: ("return-accepted", "customer_id"),
    ReturnRefused: ("return-refused", "customer_id"),
    CreditIssued: ("credit-issued", "customer_id"),
    CreditRefused: ("credit-refused", "customer_id"),
}
OUTCOMES: Final[Mapping[RepairOutcome, str]] = {
    RepairOutcome.REPAIRED: "unit-repaired",
    RepairOutcome.NOT_REPAIRABLE: "unit-not-repairable",
}


def varied(event: Varied) -> tuple[Told, ...]:
    """The mail of an event that makes one of several kinds."""
    return (Told(OUTCOMES.get(event.outcome, "repair-finished"), event.customer_id),)

"""A ticket, its two status levels and the steps that are legal (TKT-12).

The complaint and the requester's own reference are no part of the aggregate, so no fact can carry them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from tickets_service.coverage.domain import Finding


class Kind(StrEnum):
    """What is asked for."""

    REPAIR = "repair"
    RETURN = "return"


class RequestStatus(StrEnum):
    """First level: what the list of requests shows."""

    IN_PROGRESS = "in_progress"
    FINISHED = "finished"


class Progress(StrEnum):
    """Second level: how far the repair, or the return, is."""

    REQUESTED = "requested"
    RECEIVED_BY_SERVICE_CENTRE = "received_by_service_centre"
    REPAIRED = "repaired"
    NOT_REPAIRABLE = "not_repairable"
    ACCEPTED = "accepted"
    REFUSED = "refused"


_ENDS: Final = frozenset({Progress.REPAIRED, Progress.NOT_REPAIRABLE})
LEGAL: Final[Mapping[tuple[Kind, Progress], frozenset[Progress]]] = {
    # a repair on site ends without the unit ever reaching the service centre
    (Kind.REPAIR, Progress.REQUESTED): _ENDS | {Progress.RECEIVED_BY_SERVICE_CENTRE},
    (Kind.REPAIR, Progress.RECEIVED_BY_SERVICE_CENTRE): _ENDS,
    (Kind.RETURN, Progress.REQUESTED): frozenset({Progress.ACCEPTED, Progress.REFUSED}),
}
"""From where to where; what is not here ends the ticket's way."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request on one unit."""

    ticket_id: UUID
    kind: Kind
    brand: str
    serial: str
    model: str | None
    customer_id: UUID
    progress: Progress
    opened_at: datetime

    @property
    def is_finished(self) -> bool:
        """Whether no step is left."""
        return request_status(self.kind, self.progress) is RequestStatus.FINISHED

    def may_become(self, progress: Progress) -> bool:
        """Whether the step is legal from here."""
        return progress in LEGAL.get((self.kind, self.progress), frozenset())


@dataclass(frozen=True, slots=True)
class CoveredTicket:
    """A repair with the finding that holds for it."""

    ticket: Ticket
    finding: Finding


def request_status(kind: Kind, progress: Progress) -> RequestStatus:
    """The first level follows from the second: finished where no step is left."""
    return RequestStatus.IN_PROGRESS if LEGAL.get((kind, progress)) else RequestStatus.FINISHED


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a ticket's history."""

    happened_at: datetime
    what: str
    actor: str
    detail: str | None = None


class Actor(StrEnum):
    """Who made a ticket move."""

    REQUESTER = "requester"
    SERVICE_CENTRE = "service_centre"
    AFTERCARE = "aftercare"

"""Cover that staff acknowledged in a dispute (ACT-13, TKT-09)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A dispute that was decided for the customer."""

    dispute_id: UUID
    ticket_id: UUID | None
    """The repair that it is about; None: every repair that is asked for on its days."""
    covered_from: date
    covered_until: date
    """First and last day, inclusive."""
    activation_id: UUID | None
    """The service that covers the unit, where one does."""

    def is_about(self, ticket_id: UUID | None, day: date) -> bool:
        """Whether it counts for a repair asked for on a day; `ticket_id` is None for one that is not opened yet."""
        if self.ticket_id is not None:
            return self.ticket_id == ticket_id
        return self.covered_from <= day <= self.covered_until


def best_of(known: Sequence[Acknowledgement], ticket_id: UUID | None, day: date) -> Acknowledgement | None:
    """The one that gives most: by a service before without one, then the longest; None when none counts."""
    about = [one for one in known if one.is_about(ticket_id, day)]
    return max(about, key=lambda one: (one.activation_id is not None, one.covered_until, one.dispute_id), default=None)

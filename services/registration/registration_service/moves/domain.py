"""A product moves to another country: requested, assessed, approved before anything happens (REG-18, I27, I28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from event_schemas.registration_cases import (
    MoveApproved,
    MoveAssigned,
    MoveExecuted,
    MoveRefused,
    MoveRequested,
    MoveWithdrawn,
)
from event_schemas.registration_mail import MoveAnswered

State = Literal["requested", "assigned", "approved", "refused", "executed", "withdrawn"]
Step = Literal["assignment", "approval", "refusal", "execution", "withdrawal"]
POSSIBLE: Final[Mapping[State, tuple[Step, ...]]] = {
    "requested": ("assignment", "withdrawal"),
    "assigned": ("approval", "refusal", "withdrawal"),
    "approved": ("execution", "withdrawal"),
    "refused": (),
    "executed": (),
    "withdrawn": (),
}
"""From which state which step may be taken; from a state without any the move is over."""
ITSELF: Final = "registration"
"""Who takes a step that nobody asked for: this service."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move of one product of one customer."""

    move_id: UUID
    brand: str
    product_id: UUID
    serial: str
    model: str
    customer_id: UUID
    state: State
    from_country: str
    to_country: str
    street: str
    postal_code: str
    city: str
    planned_on: date
    reason: str
    owner: str
    organisation_id: UUID | None
    requested_at: datetime
    assigned_to: str | None = None
    approved_on: date | None = None
    """The brand's day of the approval: nothing is executed before."""
    executed_on: date | None = None
    refusal_reason: str | None = None

    @property
    def possible(self) -> tuple[Step, ...]:
        """What can happen next."""
        return POSSIBLE[self.state]

    @property
    def _told(self) -> dict[str, Any]:
        return {
            "brand": self.brand,
            "product_id": self.product_id,
            "move_id": self.move_id,
            "serial": self.serial,
            "model": self.model,
            "customer_id": self.customer_id,
            "from_country": self.from_country,
            "to_country": self.to_country,
        }

    def requested(self) -> MoveRequested:
        """The fact that somebody wants it; addresses and reason stay here."""
        return MoveRequested(**self._told)

    def assigned(self, at: datetime) -> MoveAssigned:
        """The fact that somebody assesses it."""
        return MoveAssigned(**self._told, assigned_at=at)

    def approved(self) -> tuple[MoveApproved, MoveAnswered]:
        """The fact that it may be executed, and what the mailer tells the customer."""
        return MoveApproved(**self._told), MoveAnswered(**self._told, approved=True)

    def refused(self, reason: str) -> tuple[MoveRefused, MoveAnswered]:
        """The fact that it may not, and why: by mail only."""
        return MoveRefused(**self._told), MoveAnswered(**self._told, approved=False, reason=reason)

    def executed(self, on: date) -> MoveExecuted:
        """The fact that the product stands in the other country."""
        return MoveExecuted(**self._told, executed_on=on)

    def withdrawn(self) -> MoveWithdrawn:
        """The fact that it is not wanted any more."""
        return MoveWithdrawn(**self._told)

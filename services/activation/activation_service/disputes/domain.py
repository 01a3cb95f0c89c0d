"""A customer contests that a product is not covered; staff decide (ACT-13, I08)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import StringConstraints

from chassis.caller import FILES_ALL, Caller
from event_schemas.activation_contracts import DisputeDecided, DisputeDecision, DisputeOpened
from event_schemas.activation_mail import DisputeAnswered

State = Literal["open", "decided"]
Side = Literal["customer", "staff"]
MOST_EVIDENCE: Final = 100
"""Statements in one dispute: what one answer can show."""
OVER: Final = {
    "covered": "dispute-decided-covered",
    "not_covered": "dispute-decided-not-covered",
    "withdrawn": "dispute-withdrawn",
}
"""Why nothing more can be said in a dispute, by its decision."""
LINES: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
"""Any number of lines, without control characters."""
Statement = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=LINES)]


@dataclass(frozen=True, slots=True)
class Dispute:
    """One customer's dispute about one product; it covers nothing until it is decided."""

    dispute_id: UUID
    brand: str
    product_id: UUID
    serial: str
    model: str
    customer_id: UUID
    owner: str
    organisation_id: UUID | None
    ticket_id: UUID | None
    """The repair about which cover was denied, as the customer names it."""
    denied_on: date
    """The day for which it was denied, on the brand's calendar."""
    opened_at: datetime
    decision: str | None = None
    reason: str | None = None
    covered_from: date | None = None
    covered_until: date | None = None
    """Where covered: first and last day for which that is acknowledged, inclusive."""
    activation_id: UUID | None = None
    """The service that covers it, where one does."""
    decided_at: datetime | None = None

    @property
    def state(self) -> State:
        return "decided" if self.decided_at else "open"

    @property
    def _told(self) -> dict[str, Any]:
        names = ("brand", "dispute_id", "product_id", "serial", "model", "customer_id", "ticket_id")
        return {name: getattr(self, name) for name in names}

    def opened(self) -> DisputeOpened:
        """The fact that it is contested; statement and evidence stay here."""
        return DisputeOpened(**self._told)

    def decided(self) -> DisputeDecided:
        """The fact of a decision, or of a withdrawal; the reason stays here."""
        assert self.decision is not None
        return DisputeDecided(
            **self._told,
            decision=DisputeDecision(self.decision),
            covered_from=self.covered_from,
            covered_until=self.covered_until,
            activation_id=self.activation_id,
        )

    def answered(self) -> DisputeAnswered:
        """What the mailer tells the customer."""
        assert self.decision is not None
        assert self.reason is not None  # staff give one with each decision
        return DisputeAnswered(
            brand=self.brand,
            dispute_id=self.dispute_id,
            customer_id=self.customer_id,
            serial=self.serial,
            model=self.model,
            decision=DisputeDecision(self.decision),
            reason=self.reason,
        )


def side_of(caller: Caller) -> Side:
    """On which side a caller speaks."""
    return "staff" if FILES_ALL in caller.scopes else "customer"

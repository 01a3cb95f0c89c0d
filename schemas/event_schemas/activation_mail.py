"""Private, kept one day: what only the mailer may see of reviews and disputes (ACT-05, ACT-13)."""

from event_schemas.activation_contracts import DisputeDecision
from event_schemas.base import Event, Id, Serial


class ReviewAnswered(Event, type="review.answered", version=1, key="request_id"):
    """An activation that was held is released or refused, with the reason of a refusal."""

    request_id: Id
    customer_id: Id
    serial: Serial
    service_reference: str
    service_name: str
    released: bool
    reason: str | None = None
    """Given with a refusal, as staff wrote it."""


class DisputeAnswered(Event, type="dispute.answered", version=1, key="dispute_id"):
    """The decision of a coverage dispute with its reason."""

    dispute_id: Id
    customer_id: Id
    serial: Serial
    model: str
    decision: DisputeDecision
    reason: str
    """As staff wrote it."""

"""What repair centres answer, on their own topic `service-centre` (TKT-16). Written from outside."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from event_schemas.base import Event, Id, OpenEnum


class RepairOutcome(OpenEnum):
    """How a repair ended."""

    REPAIRED = "repaired"
    NOT_REPAIRABLE = "not_repairable"


class UnitReceived(Event, type="unit.received", version=1, key="ticket_id"):
    """The unit of a ticket arrived at the repair centre."""

    ticket_id: Id
    received_at: AwareDatetime


class RepairReported(Event, type="repair.reported", version=1, key="ticket_id"):
    """The repair centre is done with the unit of a ticket."""

    ticket_id: Id
    outcome: RepairOutcome
    reported_at: AwareDatetime


class ReturnAssessed(Event, type="return.assessed", version=1, key="ticket_id"):
    """A requested return was judged; an accepted one has a GRMS number, a refused one a reason."""

    ticket_id: Id
    accepted: bool
    grms_number: Annotated[str, Field(max_length=40)] | None = None
    reason: Annotated[str, Field(max_length=200)] | None = None
    assessed_at: AwareDatetime

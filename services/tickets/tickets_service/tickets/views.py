"""What the API shows of a ticket; the complaint is here, and only here."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from event_schemas.tickets import CoverageReason, Verdict
from tickets_service.coverage.domain import Finding
from tickets_service.coverage.views import CoverageView
from tickets_service.tickets.domain import Actor, Kind, Progress, RequestStatus, Ticket


class View(BaseModel):
    """Shape of an answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class RepairOpened(View):
    """A repair that was requested, and who pays for it."""

    ticket_id: UUID
    serial: str
    verdict: Verdict
    reasons: tuple[CoverageReason, ...]
    covered_until: date | None
    """Last covered day, inclusive."""
    operational_at: datetime | None
    """When a service in set-up will be operational (UTC)."""
    repair_status: Progress


class ReturnOpened(View):
    """A return that was requested."""

    ticket_id: UUID
    serial: str
    return_status: Progress


class EntryView(View):
    """A line of the history."""

    at: datetime
    what: Annotated[str, Field(examples=["received_by_service_centre"])]
    actor: Actor
    detail: Annotated[str | None, Field(examples=["Main board not available any more"])]


class TicketLine(View):
    """A ticket in a list."""

    ticket_id: UUID
    kind: Kind
    brand: str
    serial: str
    model: str | None
    own_reference: str | None
    opened_at: datetime
    request_status: RequestStatus
    repair_status: Progress | None
    """Of a repair; null for a return."""
    return_status: Progress | None
    """Of a return; null for a repair."""
    verdict: Verdict | None


class TicketView(TicketLine):
    """A ticket with everything that is known of it."""

    customer_id: UUID
    complaint: Annotated[str, Field(examples=["No picture after the last update."])]
    """What is wrong with the unit, in the requester's words; of a return, the defect."""
    repair_ticket_id: UUID | None
    coverage: CoverageView | None
    grms_number: Annotated[str | None, Field(examples=["GRMS-2026-000815"])]
    """Of an accepted return."""
    history: list[EntryView]


def repair_opened(ticket: Ticket, finding: Finding) -> RepairOpened:
    """The answer to a repair request."""
    return RepairOpened(
        ticket_id=ticket.ticket_id,
        serial=ticket.serial,
        verdict=finding.verdict,
        reasons=finding.reasons,
        covered_until=finding.covered_until,
        operational_at=finding.operational_at,
        repair_status=ticket.progress,
    )


def line(row: Mapping[str, Any]) -> TicketLine:
    """A ticket's row as an item of a list."""
    return TicketLine.model_validate(_levels(row))


def full(row: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> TicketView:
    """A ticket's row and the rows of its history as one answer."""
    coverage = {**row, "covered_until": row["covered_until_on"]} if row["verdict"] else None
    entries = [{**entry, "at": entry["happened_at"]} for entry in history]
    return TicketView.model_validate({**_levels(row), "coverage": coverage, "history": entries})


def _levels(row: Mapping[str, Any]) -> dict[str, Any]:
    repair = row["kind"] == Kind.REPAIR
    progress = row["progress"]
    return {**row, "repair_status": progress if repair else None, "return_status": None if repair else progress}

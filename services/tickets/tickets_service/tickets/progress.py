"""Moving a ticket on by legal steps only; the unknown, late or repeated is logged and harmless (TKT-12, TKT-16)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from chassis.database import Tx
from tickets_service.tickets import store
from tickets_service.tickets.domain import Actor, Entry, Progress, Ticket

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """What someone says has happened to a ticket."""

    ticket_id: UUID
    brand: str
    progress: Progress
    happened_at: datetime
    actor: Actor
    grms_number: str | None = None
    detail: str | None = None


async def advance(step: Step, tx: Tx) -> Ticket | None:
    """Make the step; the ticket as it was before, or None when there is no such ticket or no such step from there."""
    ticket = await store.lock_ticket(tx, step.ticket_id)
    about = {"ticket_id": str(step.ticket_id), "step": step.progress.value}
    if ticket is None or ticket.brand != step.brand:
        log.warning("step of an unknown ticket", brand=step.brand, **about)
        return None
    if not ticket.may_become(step.progress):
        log.info("step comes late", kind=ticket.kind.value, progress=ticket.progress.value, **about)
        return None
    await store.set_progress(tx, ticket, step.progress, step.grms_number)
    entry = Entry(step.happened_at, step.progress.value, step.actor, step.grms_number or step.detail)
    await store.add_entry(tx, ticket.ticket_id, entry)
    return ticket

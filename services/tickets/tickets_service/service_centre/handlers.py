"""A repair centre's message in, the fact that follows for everybody out (TKT-16).

Each deed is silent when the ticket is unknown or the step is late; `tickets.progress` logs it.
"""

from typing import Any

from chassis.database import Tx
from event_schemas.service_centre import RepairReported, ReturnAssessed, UnitReceived
from event_schemas.tickets import ReceivedByServiceCentre, RepairFinished, ReturnAccepted, ReturnRefused
from tickets_service.policy import policy_of
from tickets_service.service_centre.domain import grms_number_of, reason_of, step_of_repair
from tickets_service.tickets.domain import Actor, Progress, Ticket
from tickets_service.tickets.progress import Step, advance


async def receive_unit(event: UnitReceived, tx: Tx) -> ReceivedByServiceCentre | None:
    """The unit arrived at the repair centre."""
    progress = Progress.RECEIVED_BY_SERVICE_CENTRE
    step = Step(event.ticket_id, event.brand, progress, event.received_at, Actor.SERVICE_CENTRE)
    ticket = await advance(step, tx)
    return ReceivedByServiceCentre(**_identity(ticket), received_at=event.received_at) if ticket else None


async def finish_repair(event: RepairReported, tx: Tx) -> RepairFinished | None:
    """The repair ended; raises InvalidAnswer when its outcome is not known here."""
    step = Step(event.ticket_id, event.brand, step_of_repair(event), event.reported_at, Actor.SERVICE_CENTRE)
    ticket = await advance(step, tx)
    if ticket is None:
        return None
    return RepairFinished(**_identity(ticket), outcome=event.outcome, finished_at=event.reported_at)


async def settle_return(event: ReturnAssessed, tx: Tx) -> ReturnAccepted | ReturnRefused | None:
    """The return was judged; raises InvalidAnswer without the GRMS number or the reason that belongs to it."""
    return await (_accept(event, tx) if event.accepted else _refuse(event, tx))


async def _accept(event: ReturnAssessed, tx: Tx) -> ReturnAccepted | None:
    grms, at = grms_number_of(event), event.assessed_at
    step = Step(event.ticket_id, event.brand, Progress.ACCEPTED, at, Actor.SERVICE_CENTRE, grms_number=grms)
    ticket = await advance(step, tx)
    if ticket is None:
        return None
    return ReturnAccepted(**_identity(ticket), grms_number=grms, accepted_on=policy_of(ticket.brand).day_of(at))


async def _refuse(event: ReturnAssessed, tx: Tx) -> ReturnRefused | None:
    reason, at = reason_of(event), event.assessed_at
    step = Step(event.ticket_id, event.brand, Progress.REFUSED, at, Actor.SERVICE_CENTRE, detail=reason)
    ticket = await advance(step, tx)
    return ReturnRefused(**_identity(ticket), reason=reason) if ticket else None


def _identity(ticket: Ticket) -> dict[str, Any]:
    names = ("brand", "ticket_id", "serial", "customer_id")
    return {name: getattr(ticket, name) for name in names}

"""A service ends with its contract or goes out of it, and the licences that it maintains follow (ACT-10…ACT-12)."""

from datetime import date

from activation_service.activations import handlers as activations
from activation_service.contracts.domain import Line
from activation_service.software.handlers import maintained_until
from chassis.database import Tx
from event_schemas import Event
from event_schemas.activation import EndReason


async def end_service(line: Line, last_day: date, reason: EndReason, tx: Tx) -> tuple[date, list[Event]]:
    """The last day that comes of it, inclusive, and the facts: none of a service that is over by then anyway.

    One whose set-up would not be over by then ends at once. The caller holds the product, then the contract.
    """
    ended = await activations.end(line.activation_id, last_day, reason, tx)
    if ended is None:
        return last_day, []
    return ended.ended_on, [ended, *await maintained_until(line.activation_id, ended.ended_on, tx)]

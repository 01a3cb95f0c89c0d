"""Returns for the toy to hear: a lane is one ticket, a step is a place in its story."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from tests.support.records import record_of

from chassis.codec import Record
from chassis.database import Pool
from event_schemas.tickets import ReturnAccepted


def lane(number: int) -> UUID:
    """The ticket of lane `number`."""
    return UUID(int=number)


def accepted(lane_number: int, step: int, serial: str = "S-1") -> ReturnAccepted:
    """The fact at one step of a lane."""
    return ReturnAccepted(
        brand="acme",
        ticket_id=lane(lane_number),
        serial=serial,
        customer_id=UUID(int=1),
        grms_number=str(step),
        accepted_on=date(2026, 11, 20),
    )


def story(places: Iterable[tuple[int, int]], serials: Sequence[str] = ()) -> list[Record]:
    """Records with (lane, step), at offsets from 1 on; `serials` names those of the first ones."""
    named = [*serials]
    return [
        record_of(accepted(lane_number, step, named[index] if index < len(named) else "S-1"), index + 1)
        for index, (lane_number, step) in enumerate(places)
    ]


async def effects(pool: Pool) -> list[tuple[int, int]]:
    """(lane, step) of everything that took effect, in the order of taking effect."""
    rows = await pool.fetch("SELECT lane, step FROM effect ORDER BY id")
    return [(UUID(row["lane"]).int, row["step"]) for row in rows]


async def letters(pool: Pool) -> list[tuple[int, str]]:
    """(offset, error class) of the dead letters, in their order."""
    rows = await pool.fetch('SELECT "offset", error_class FROM dead_letter ORDER BY id')
    return [(row["offset"], row["error_class"]) for row in rows]

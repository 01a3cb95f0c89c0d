"""Dead letters get another try, lane by lane, in their order, on the operator's word (OPS-03)."""

from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from chassis.codec import Record, decode, headers_from_json
from chassis.database import Database, Tx, is_transient
from chassis.deliver import NO_CAUSE, Delivery
from chassis.routes import Routes
from chassis.told import plain, told

log = structlog.get_logger()

_LANES: Final = """
SELECT min(id) AS first, topic, msg_key FROM dead_letter
WHERE consumer = $1 AND ($2::text IS NULL OR msg_key = convert_to($2, 'UTF8'))
  AND ($3::text IS NULL OR fingerprint = $3)
GROUP BY topic, msg_key, CASE WHEN msg_key IS NULL THEN id END ORDER BY first
"""
_NEXT: Final = """
SELECT * FROM dead_letter WHERE consumer = $1 AND topic = $2 AND msg_key IS NOT DISTINCT FROM $3
AND ($3::bytea IS NOT NULL OR id = $4) ORDER BY id LIMIT 1 FOR UPDATE
"""


@dataclass
class Tally:
    """What became of the dead letters."""

    applied: int = 0
    failed: int = 0


async def redrive(
    database: Database, delivery: Delivery, routes: Routes, *, key: str | None = None, fingerprint: str | None = None
) -> Tally:
    """Apply what waits: everything, one message key, or the lanes that hold one failure group.

    A lane ends at its first message that fails again; that one and those behind it stay, with a higher attempt.
    """
    tally = Tally()
    for lane in await database.pool.fetch(_LANES, database.service, key, fingerprint):
        while await _step(database, delivery, routes, tally, (lane["topic"], lane["msg_key"], lane["first"])):
            pass
    return tally


async def waiting(database: Database) -> list[asyncpg.Record]:
    """The dead letters of this consumer, oldest first, at most 1,000, with the size of each but not its content."""
    return await database.pool.fetch(
        "SELECT id, topic, partition, \"offset\", encode(msg_key, 'escape') AS key, attempt, fingerprint, "
        "first_failed_at, message, length(payload) AS bytes "
        "FROM dead_letter WHERE consumer = $1 ORDER BY id LIMIT 1000",
        database.service,
    )


async def discard(database: Database, letter: int, reason: str) -> bool:
    """Give one dead letter up for good, so that its lane opens; the log keeps which and why. False: no such letter."""
    address = await database.pool.fetchrow(
        'DELETE FROM dead_letter WHERE consumer = $1 AND id = $2 RETURNING topic, partition, "offset", fingerprint',
        database.service,
        letter,
    )
    if address:
        log.warning("dead letter discarded", id=letter, reason=plain(reason), **dict(address))
    return address is not None


async def _step(
    database: Database, delivery: Delivery, routes: Routes, tally: Tally, lane: tuple[str, bytes | None, int]
) -> bool:
    try:
        async with database.transaction(NO_CAUSE) as tx:
            row = await tx.fetchrow(_NEXT, database.service, *lane)
            if row is None:
                return False
            record = Record(
                row["topic"], row["partition"], row["offset"], row["msg_key"],
                headers_from_json(row["headers"]), row["payload"],
            )  # fmt: skip
            if incoming := decode(record, routes.classes, database.topic_prefix):
                await delivery.apply([incoming], tx)
            await tx.execute("DELETE FROM dead_letter WHERE id = $1", row["id"])
    except Exception as error:
        if is_transient(error):
            raise
        tally.failed += 1
        await _note_failure(database, lane, error)
        return False
    tally.applied += 1
    return True


async def _note_failure(database: Database, lane: tuple[str, bytes | None, int], error: Exception) -> None:
    async with database.transaction(NO_CAUSE) as tx:
        row = await tx.fetchrow(_NEXT, database.service, *lane)
        if row is not None:
            await _count_attempt(tx, row["id"], error)


async def _count_attempt(tx: Tx, letter: int, error: Exception) -> None:
    log.error("dead letter failed again", id=letter, error=told(error))
    await tx.execute(
        "UPDATE dead_letter SET attempt = attempt + 1, error_class = $2, message = $3 WHERE id = $1",
        letter,
        type(error).__name__,
        told(error),
    )

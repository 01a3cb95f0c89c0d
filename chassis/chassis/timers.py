"""Durable timers: never early, once, over restarts and clock jumps (ACT-07, ALL-02)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import asyncpg
import orjson
import structlog

from chassis import faults, metrics, outbox
from chassis.codec import Message
from chassis.database import Cause, Database, Tx, is_transient
from chassis.routes import Alarm, Due
from chassis.told import told

log = structlog.get_logger()
BATCH: Final = 500
LONGEST_WAIT: Final = timedelta(hours=1)

CLAIM: Final = """
SELECT kind, subject, due_at, payload, correlation_id, causation_id, attempts FROM timer
WHERE not_before <= $1 ORDER BY not_before LIMIT $2 FOR UPDATE SKIP LOCKED
"""


PUT_OFF: Final = """
UPDATE timer SET not_before = $5, attempts = attempts + 1, last_error = $6
WHERE kind = $1 AND subject = $2 AND due_at = $3 AND attempts = $4
"""


class _Failed(Exception):
    def __init__(self, row: asyncpg.Record, reason: Exception) -> None:
        super().__init__(repr(reason))
        self.row, self.reason = row, reason


async def arm(tx: Tx, kind: str, subject: str, due_at: datetime, payload: Mapping[str, Any] | None = None) -> None:
    """Let `kind` go off for `subject` at `due_at` (aware datetime); arming again moves it."""
    await tx.execute(
        "INSERT INTO timer (kind, subject, due_at, not_before, payload, correlation_id, causation_id) "
        "VALUES ($1, $2, $3, $3, $4, $5, $6) ON CONFLICT (kind, subject) DO UPDATE "
        "SET due_at = $3, not_before = $3, payload = $4, correlation_id = $5, causation_id = $6, attempts = 0",
        kind,
        subject,
        due_at,
        orjson.dumps(payload or {}).decode(),
        tx.cause.correlation_id,
        tx.cause.causation_id,
    )


async def cancel(tx: Tx, kind: str, subject: str) -> bool:
    """Take a timer back in the transaction that makes it void; False when it is not armed."""
    return await tx.execute("DELETE FROM timer WHERE kind = $1 AND subject = $2", kind, subject) == "DELETE 1"


async def cancel_unless_firing(tx: Tx, kind: str, subject: str) -> None:
    """Take a timer back without waiting for one that goes off at this moment: that one has to find out by itself.

    For those who hold a lock already that the timer's deed takes too.
    """
    await tx.execute(
        "DELETE FROM timer WHERE (kind, subject) IN "
        "(SELECT kind, subject FROM timer WHERE kind = $1 AND subject = $2 FOR UPDATE SKIP LOCKED)",
        kind,
        subject,
    )


class TimerLoop:
    """Fires what is due; several may run at once."""

    def __init__(self, database: Database, alarms: Sequence[Alarm]) -> None:
        self._database = database
        self._handlers = {alarm.kind: alarm.handler for alarm in alarms}

    async def run(self, stop: asyncio.Event, poll_seconds: float = 0.2) -> None:
        """Until `stop` is set; a broken world is waited out."""
        while not stop.is_set():
            try:
                fired = await self.fire()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("timers wait for the database", error=told(error))
                fired = 0
            if not fired:
                await _pause(stop, poll_seconds)

    async def fire(self) -> int:
        """Fire up to 500 due timers in one transaction, or one by one when one of them fails; returns how many."""
        try:
            return await self._fire(BATCH)
        except Exception as error:
            if is_transient(error):
                raise
            log.warning("timers go one by one", error=told(error))
        return await self._fire_singly()

    async def _fire(self, limit: int) -> int:
        rows: list[asyncpg.Record] = []
        try:
            async with self._database.transaction(Cause("")) as tx:
                rows = await tx.fetch(CLAIM, tx.now, limit)
                if not rows:
                    return 0
                await _remove(tx, rows)  # before the deeds: a deed may arm its own timer again
                alike = groupby(rows, key=lambda row: row["kind"])
                messages = [message for kind, some in alike for message in await self._go_off(kind, some, tx)]
                await outbox.put(tx, messages)
                faults.reach("before-timer-commit")
        except Exception as error:
            if is_transient(error) or not rows:
                raise
            raise _Failed(rows[0], error) from error
        faults.reach("after-timer-commit")
        metrics.TIMERS.inc(len(rows))
        return len(rows)

    async def _go_off(self, kind: str, rows: Iterable[asyncpg.Record], tx: Tx) -> list[Message]:
        dues = [_due(row) for row in rows]
        said = zip(dues, await self._handlers[kind](dues, tx), strict=True)
        return [
            message
            for due, facts in said
            for message in outbox.messages_of(facts, self._database, tx.answering(due.cause))
        ]

    async def _fire_singly(self) -> int:
        fired = 0
        for _ in range(BATCH):
            try:
                if not await self._fire(1):
                    break
                fired += 1
            except _Failed as failed:
                await self._put_off(failed.row, failed.reason)
        return fired

    async def _put_off(self, row: asyncpg.Record, error: Exception) -> None:
        """A timer whose deed fails is tried again later and later; it stays visible in the table."""
        wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(row["attempts"], 12)))
        log.error("timer failed", kind=row["kind"], subject=row["subject"], error=told(error), again_in=str(wait))
        async with self._database.transaction(Cause("")) as tx:
            # one that was armed anew in the meantime has another due_at or no attempts, and is left alone
            await tx.execute(
                PUT_OFF, row["kind"], row["subject"], row["due_at"], row["attempts"], tx.now + wait, told(error)
            )


def _due(row: asyncpg.Record) -> Due:
    cause = Cause(row["correlation_id"], row["causation_id"])
    return Due(row["kind"], row["subject"], row["due_at"], orjson.loads(row["payload"]), cause)


async def _remove(tx: Tx, rows: Sequence[asyncpg.Record]) -> None:
    if rows:
        await tx.execute(
            "DELETE FROM timer t USING unnest($1::text[], $2::text[]) AS d(kind, subject) "
            "WHERE t.kind = d.kind AND t.subject = d.subject",
            [row["kind"] for row in rows],
            [row["subject"] for row in rows],
        )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

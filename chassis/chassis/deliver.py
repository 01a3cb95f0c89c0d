"""What a consumer does with messages, whichever library brought them: apply, wait, or set aside; never lose one.

A batch is one transaction. When it fails for good it is rolled back and its messages go one by one, so that only the
poisoned one is set aside. A broken world (database away, deadlock) is waited out in place (ALL-02).
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog

from chassis import faults, inbox, metrics, outbox
from chassis.codec import Incoming, Message, Record, decode
from chassis.database import Cause, Database, Tx, is_transient
from chassis.dead_letters import DeadLetterLimit, Lane, WaitsBehind, closed_lanes, lane_of, set_aside
from chassis.routes import Routes
from chassis.told import told

log = structlog.get_logger()
FIRST_WAIT: Final = 0.05
LONGEST_WAIT: Final = 5.0
NO_CAUSE: Final = Cause("")
T = TypeVar("T")


class Stopped(Exception):
    """A stop was asked for while the world was broken; nothing of the batch may be acknowledged."""


class Delivery:
    """Applies batches of messages for one consumer."""

    def __init__(self, database: Database, routes: Routes, limit: DeadLetterLimit, stop: asyncio.Event) -> None:
        self._database, self._routes, self._limit, self._stop = database, routes, limit, stop
        self._consumer = database.service

    async def take(self, batch: Sequence[Record]) -> None:
        """Returns when every record is applied, uninteresting, or a durable dead letter: now it may be acknowledged.

        Raises Stopped, or TooManyDeadLetters; then nothing of the batch may be acknowledged.
        """
        try:
            await self._patiently(lambda: self._together(batch))
        except Stopped:
            raise
        except Exception as error:
            log.info("batch goes one by one", records=len(batch), error=told(error))
            for record in batch:
                await self._singly(record)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Repeat while the world is broken; a permanent error passes through."""
        wait = FIRST_WAIT
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_transient(error):
                    raise
                metrics.RETRIES.inc()
                log.warning("waiting for the database", error=told(error), seconds=wait)
            if self._stop.is_set():
                raise Stopped
            try:
                await asyncio.wait_for(self._stop.wait(), wait)
            except TimeoutError:
                wait = min(wait * 2, LONGEST_WAIT)

    async def _together(self, batch: Sequence[Record]) -> None:
        heard = [incoming for record in batch if (incoming := self._decode(record))]
        if not heard:
            return
        async with self._database.transaction(NO_CAUSE) as tx:
            closed = await closed_lanes(tx, self._consumer, [one.record for one in heard])
            outcomes = await self.apply(heard, tx, closed)
            faults.reach("before-event-commit")
        faults.reach("after-event-commit")
        for (topic, outcome), count in Counter((one.record.topic, outcomes[one.event_id]) for one in heard).items():
            metrics.EVENTS.labels(topic, outcome).inc(count)

    def _decode(self, record: Record) -> Incoming | None:
        return decode(record, self._routes.classes, self._database.topic_prefix)

    async def apply(self, heard: Sequence[Incoming], tx: Tx, closed: Collection[Lane] = ()) -> dict[UUID, str]:
        """Enter events into the inbox and do the deed of each that is new; raises WaitsBehind for a closed lane's.

        Returns `applied` or `duplicate` for each event id.
        """
        new = await inbox.enter(tx, self._consumer, [incoming.event_id for incoming in heard])
        outcomes = {one.event_id: "applied" if one.event_id in new else "duplicate" for one in heard}
        messages: list[Message] = []
        for incoming in heard:
            if incoming.event_id in new:
                new.discard(incoming.event_id)  # the same event may stand twice in one batch
                if lane_of(incoming.record) in closed:
                    raise WaitsBehind("an earlier message of the same key is a dead letter")
                messages += await self._deed(incoming, tx.answering(incoming.cause))
        await outbox.put(tx, messages)
        return outcomes

    async def _deed(self, incoming: Incoming, tx: Tx) -> list[Message]:
        handler: Callable[[Any, Tx], Awaitable[outbox.Facts]] = self._routes.handlers[incoming.event.TYPE]
        with structlog.contextvars.bound_contextvars(correlation_id=incoming.cause.correlation_id):
            return outbox.messages_of(await handler(incoming.event, tx), self._database, tx)

    async def _singly(self, record: Record) -> None:
        try:
            while not await self._patiently(lambda: self._applied_or_behind(record)):
                log.info("the lane was redriven in between", topic=record.topic, offset=record.offset)
        except Stopped:
            raise
        except Exception as error:
            reason = error
            if await self._patiently(lambda: self._dead(record, reason)):
                self._limit.count(self._database.clock.now())

    async def _applied_or_behind(self, record: Record) -> bool:
        """False when the lane behind which it had to wait is open again."""
        try:
            await self._together([record])
        except WaitsBehind as error:
            async with self._database.transaction(NO_CAUSE) as tx:
                # holds the letters in front until this one is among them: a redrive cannot empty the lane in between
                if not await closed_lanes(tx, self._consumer, [record]):
                    return False
                await set_aside(self._database, self._consumer, record, error, tx)
        return True

    async def _dead(self, record: Record, error: Exception) -> bool:
        async with self._database.transaction(NO_CAUSE) as tx:
            new = await set_aside(self._database, self._consumer, record, error, tx)
        if new:
            address = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            story = {"correlation_id": record.header("ce_correlationid"), "event_id": record.header("ce_id")}
            log.error("dead letter", **address, **story, error=told(error))
        return new

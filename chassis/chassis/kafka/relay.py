"""Carries the outbox to Kafka: one relay per database, in order, deleting exactly what was acknowledged (ALL-02).

Leadership is a session advisory lock: whoever holds the connection holds the lock. A producer that failed once is
thrown away, because an idempotent producer cannot be trusted after a rejected batch (aiokafka issue 1017).
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from chassis import faults, metrics
from chassis.clock import clock_from
from chassis.codec import headers_from_json
from chassis.database import Connection, Pool, is_transient
from chassis.kafka.connection import BIGGEST_MESSAGE_BYTES, client_options
from chassis.settings import Settings
from chassis.told import told

log = structlog.get_logger()
BATCH: Final = 500
SHORTEST_POLL: Final = 0.01
LONGEST_POLL: Final = 0.2
RETRY_SECONDS: Final = 0.5
SEND_SECONDS: Final = 30.0
FLOOR_SECONDS: Final = 3.0
MEASURE_SECONDS: Final = 1.0
LEADER_LOCK: Final = 4711

WAITING: Final = "SELECT count(*) FROM (SELECT FROM dead_letter LIMIT 10000) AS waiting"
READ: Final = "SELECT id, topic, msg_key, headers, payload, created_at FROM outbox WHERE id > $1 ORDER BY id LIMIT $2"


class Relay:
    """Runs until it is told to stop; waits out a missing database, broker or leadership."""

    def __init__(self, pool: Pool, settings: Settings, stop: asyncio.Event, wake: asyncio.Event | None = None) -> None:
        """`wake` is set by an api in the same process when it has written something."""
        self._pool, self._settings, self._stop = pool, settings, stop
        self._wake = wake or asyncio.Event()
        self._clock = clock_from(settings.clock_file)
        self._floor, self._floor_from = 0, 0.0
        self._measured = 0.0
        self._oldest: datetime | None = None
        self.sending = False
        """True while this relay leads and Kafka takes its messages."""
        self.standing_by = False
        """True while another relay leads."""

    async def run(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._pool.acquire() as connection:
                    # the pool gives the lock back with the connection, and the server when the connection dies
                    self.standing_by = not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK)
                    if not self.standing_by:
                        await self._measure(connection)
                        await self._lead(connection)
                    self._oldest = None  # another one leads, or this one ends
            except Exception as error:
                if not isinstance(error, KafkaError) and not is_transient(error):
                    raise
                self.standing_by = False
                log.warning("relay starts again", error=told(error))
            self.sending = False
            await self._pause(RETRY_SECONDS)

    async def _lead(self, connection: Connection) -> None:
        producer = AIOKafkaProducer(
            **client_options(self._settings),
            enable_idempotence=True,
            linger_ms=2,
            max_batch_size=256 * 1024,
            max_request_size=BIGGEST_MESSAGE_BYTES,
        )
        try:
            await asyncio.wait_for(producer.start(), SEND_SECONDS)
            self.sending = True
            await self._carry(connection, producer)
        finally:
            await _close(producer)

    async def _carry(self, connection: Connection, producer: AIOKafkaProducer) -> None:
        poll = SHORTEST_POLL
        while not self._stop.is_set():
            await self._measure(connection)
            rows = await connection.fetch(READ, self._current_floor(), BATCH)
            self._oldest = rows[0]["created_at"] if rows else None
            if rows:
                await self._send(producer, rows)
                await self._delete(connection, rows)
                poll = SHORTEST_POLL
            elif self._floor:
                self._floor = 0  # look again from the beginning before resting: ids commit out of order
            else:
                await self._pause(poll)
                poll = min(poll * 1.5, LONGEST_POLL)

    def _current_floor(self) -> int:
        """Spares dead tuples only; forgotten every few seconds, because a lower id may commit later."""
        now = time.monotonic()
        if now - self._floor_from > FLOOR_SECONDS:
            self._floor, self._floor_from = 0, now
        return self._floor

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
        faults.reach("before-send")
        async with asyncio.timeout(SEND_SECONDS):
            futures = [await _offer(producer, row) for row in rows]
            taken = await asyncio.gather(*futures, return_exceptions=True)
            for row, outcome in zip(rows, taken, strict=True):
                if isinstance(outcome, BaseException):
                    log.error("message not taken", id=row["id"], topic=row["topic"], error=told(outcome))
                    raise outcome
        faults.reach("after-send")

    async def _delete(self, connection: Connection, rows: Sequence[asyncpg.Record]) -> None:
        await connection.execute("DELETE FROM outbox WHERE id = ANY($1)", [row["id"] for row in rows])
        faults.reach("after-delete")
        self._floor = rows[-1]["id"]
        for row in rows:
            metrics.RELAYED.labels(row["topic"]).inc()

    async def _measure(self, connection: Connection) -> None:
        if time.monotonic() - self._measured < MEASURE_SECONDS:
            return
        self._measured = time.monotonic()
        self._oldest = await connection.fetchval("SELECT created_at FROM outbox ORDER BY id LIMIT 1")
        metrics.OUTBOX_OLDEST.set_function(self._age)  # asked at each scrape, so it grows while Kafka is away
        metrics.DEAD_LETTERS_WAITING.set(await connection.fetchval(WAITING))

    def _age(self) -> float:
        return (self._clock.now() - self._oldest).total_seconds() if self._oldest else 0.0

    async def _pause(self, seconds: float) -> None:
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._stop.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._wake.clear()


async def _offer(producer: AIOKafkaProducer, row: asyncpg.Record) -> asyncio.Future[RecordMetadata]:
    headers = headers_from_json(row["headers"])
    try:
        sent: asyncio.Future[RecordMetadata] = await producer.send(
            row["topic"], row["payload"], key=row["msg_key"], headers=headers
        )
    except KafkaError as error:
        log.error("message not taken", id=row["id"], topic=row["topic"], error=told(error))
        raise
    return sent


async def _close(producer: AIOKafkaProducer) -> None:
    # an idempotent producer waits for ever to flush what a dead broker never took
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (TimeoutError, KafkaError):
        log.warning("producer closed without its last messages; they are still in the outbox")
        # left alone it would still deliver its stale batch beside the next producer
        sender: Any = vars(producer)["_sender"]
        await sender.close()
        await producer.client.close()

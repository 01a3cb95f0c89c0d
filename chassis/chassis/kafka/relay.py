"""Carries the outbox to Kafka: one relay per database, in order, deleting exactly what was acknowledged (ALL-02).

Leadership is a session advisory lock: whoever holds the connection holds the lock. A producer that failed once is
thrown away, because an idempotent producer cannot be trusted after a rejected batch (aiokafka issue 1017).
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis import faults, metrics
from chassis.clock import clock_from
from chassis.codec import headers_from_json
from chassis.database import Connection, Pool, is_transient
from chassis.kafka.connection import BIGGEST_MESSAGE_BYTES, client_options
from chassis.settings import Settings

log = structlog.get_logger()
BATCH: Final = 500
SHORTEST_POLL: Final = 0.01
LONGEST_POLL: Final = 0.2
RETRY_SECONDS: Final = 0.5
SEND_SECONDS: Final = 30.0
FLOOR_SECONDS: Final = 3.0
MEASURE_SECONDS: Final = 1.0
LEADER_LOCK: Final = 4711

READ: Final = "SELECT id, topic, msg_key, headers, payload FROM outbox WHERE id > $1 ORDER BY id LIMIT $2"


class Relay:
    """Runs until it is told to stop; waits out a missing database, broker or leadership."""

    def __init__(self, pool: Pool, settings: Settings, stop: asyncio.Event, wake: asyncio.Event | None = None) -> None:
        """`wake` is set by an api in the same process when it has written something."""
        self._pool, self._settings, self._stop = pool, settings, stop
        self._wake = wake or asyncio.Event()
        self._clock = clock_from(settings.clock_file)
        self._floor, self._floor_from = 0, 0.0
        self._measured = 0.0
        self.sending = False
        """True while this relay leads and Kafka takes its messages."""

    async def run(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._pool.acquire() as connection:
                    # the pool gives the lock back with the connection, and the server when the connection dies
                    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
                        await self._measure(connection)
                        await self._lead(connection)
            except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not isinstance(error, KafkaError) and not is_transient(error):
                    raise
                log.warning("relay starts again", error=repr(error)[:300])
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
            futures = [
                await producer.send(
                    row["topic"], row["payload"], key=row["msg_key"], headers=headers_from_json(row["headers"])
                )
                for row in rows
            ]
            await asyncio.gather(*futures)
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
        oldest = await connection.fetchval("SELECT created_at FROM outbox ORDER BY id LIMIT 1")
        metrics.OUTBOX_OLDEST.set((self._clock.now() - oldest).total_seconds() if oldest else 0)
        metrics.DEAD_LETTERS_WAITING.set(await connection.fetchval("SELECT count(*) FROM dead_letter"))

    async def _pause(self, seconds: float) -> None:
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._stop.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        self._wake.clear()


async def _close(producer: AIOKafkaProducer) -> None:
    # an idempotent producer waits for ever to flush what a dead broker never took
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (TimeoutError, KafkaError):
        log.warning("producer closed without its last messages; they are still in the outbox")

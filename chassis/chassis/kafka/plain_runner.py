"""The worker loop on aiokafka alone: `getmany`, one delivery, one commit."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from chassis.deliver import Delivery, Stopped
from chassis.kafka.connection import BIGGEST_MESSAGE_BYTES, as_record, client_options, rest
from chassis.settings import Settings

log = structlog.get_logger()
BATCH: Final = 200
POLL_MS: Final = 200


class PlainRunner:
    """Feeds one Delivery from topics, as a member of a consumer group."""

    def __init__(
        self, settings: Settings, group: str, topics: Sequence[str], delivery: Delivery, stop: asyncio.Event
    ) -> None:
        self._settings, self._group, self._topics = settings, group, topics
        self._delivery, self._stop = delivery, stop
        self.consuming = False
        """True while partitions are assigned or may be."""

    async def run(self) -> None:
        """Until `stop` is set; raises when the consumer cannot go on, and then the process should end."""
        while not self._stop.is_set():
            try:
                await self._consume()
            except (KafkaError, OSError) as error:
                log.warning("consumer starts again", error=repr(error)[:300])
                await rest(self._stop, 1.0)
            except Stopped:
                return
            finally:
                self.consuming = False

    async def _consume(self) -> None:
        consumer = AIOKafkaConsumer(
            *self._topics,
            **client_options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            max_partition_fetch_bytes=BIGGEST_MESSAGE_BYTES,
        )
        try:
            await consumer.start()
            self.consuming = True
            while not self._stop.is_set():
                await self._poll(consumer)
        finally:
            await consumer.stop()

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
        if not fetched:
            return
        await self._delivery.take([as_record(message) for messages in fetched.values() for message in messages])
        ours = consumer.assignment()
        done = {part: messages[-1].offset + 1 for part, messages in fetched.items() if part in ours}
        try:
            if done:
                await consumer.commit(done)
        except (CommitFailedError, IllegalStateError):
            log.info("partitions moved before the commit; their messages come again and change nothing")

"""The worker loop on faust, in the one shape that loses nothing: one reader, manual acks after the commit.

Events go through a bounded queue of our own, so that what already waits becomes one transaction; each is acknowledged
after that. No exception leaves the reader, nothing is skipped unacknowledged (design section 5, ADR 0002).
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import faust
import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis.codec import Record
from chassis.deliver import Delivery, Stopped
from chassis.kafka import faust_tracker
from chassis.kafka.connection import BIGGEST_MESSAGE_BYTES, client_options, rest
from chassis.settings import Settings

log = structlog.get_logger()
BATCH: Final = 200
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
WATCH_SECONDS: Final = 1.0


class ConsumerDied(Exception):
    """faust stopped by itself and cannot be started again in this process; the supervisor starts a new one."""


class FaustRunner:
    """Feeds one Delivery from topics, as a member of a consumer group."""

    def __init__(
        self, settings: Settings, group: str, topics: Sequence[str], delivery: Delivery, stop: asyncio.Event
    ) -> None:
        self._settings, self._group, self._topics = settings, group, topics
        self._delivery, self._stop = delivery, stop
        self._waiting: asyncio.Queue[Any] = asyncio.Queue(maxsize=BATCH * 2)
        self.consuming = False

    async def run(self) -> None:
        """Until `stop` is set; raises when faust or the delivery cannot go on, and then the process should end."""
        if not await self._broker_answers():
            return
        faust_tracker.install()
        self._settings.data_dir.mkdir(parents=True, exist_ok=True)
        app = self._app()
        stopping = asyncio.create_task(self._stop.wait())
        parts = [asyncio.create_task(part) for part in (self._apply(), self._live(app), _watch(app))]
        try:
            done, _ = await asyncio.wait({stopping, *parts}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                await task
        except Stopped:
            return
        finally:
            self.consuming = False
            for task in (stopping, *parts):
                task.cancel()
            # no commit of what is unacknowledged is possible here: the tracker holds the offset back
            await asyncio.wait({asyncio.ensure_future(app.stop())}, timeout=STOP_SECONDS)

    async def _live(self, app: faust.App) -> None:
        """The app from start to end; it should not end by itself."""
        try:
            await asyncio.wait_for(app.start(), START_SECONDS)
        except TimeoutError:
            raise ConsumerDied(f"faust did not join its group within {START_SECONDS:.0f} s") from None
        self.consuming = True
        await app.wait_until_stopped()
        raise ConsumerDied("the faust app stopped by itself")

    async def _broker_answers(self) -> bool:
        """faust raises for good when no broker answers at its start, so wait for one first."""
        while not self._stop.is_set():
            probe = AIOKafkaAdminClient(**client_options(self._settings))
            try:
                await probe.start()
                return True
            except (KafkaError, OSError) as error:
                log.warning("waiting for Kafka", error=repr(error)[:200])
                await rest(self._stop, 1.0)
            finally:
                await probe.close()
        return False

    def _app(self) -> faust.App:
        app = faust.App(
            self._group,
            broker=f"kafka://{self._settings.kafka.replace(',', ';')}",
            broker_credentials=_credentials(self._settings),
            key_serializer="raw",
            value_serializer="raw",
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            table_standby_replicas=0,
            stream_wait_empty=False,
            broker_session_timeout=10.0,
            broker_heartbeat_interval=3.0,
            broker_rebalance_timeout=30.0,
            broker_request_timeout=40.0,
            broker_commit_interval=0.4,
            consumer_max_fetch_size=BIGGEST_MESSAGE_BYTES,
            consumer_auto_offset_reset="earliest",
            datadir=str(self._settings.data_dir / self._group),
        )
        topic = app.topic(*self._topics, key_serializer="raw", value_serializer="raw", internal=False)
        app.agent(topic, concurrency=1, name=f"{self._group}-worker")(self._read)
        return app

    async def _read(self, stream: Any) -> None:
        async for event in stream.noack().events():
            await self._waiting.put(event)

    async def _apply(self) -> None:
        while True:
            events = [await self._waiting.get()]
            while len(events) < BATCH and not self._waiting.empty():
                events.append(self._waiting.get_nowait())
            await self._delivery.take([_as_record(event.message) for event in events])
            for event in events:
                event.ack()


async def _watch(app: faust.App) -> None:
    """Raises what the group's coordinator died of: faust would go on without it and never hear another event."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        held: Any = app.consumer
        for name in ("_thread", "_consumer", "_coordinator"):
            held = getattr(held, name, None)
        if held is not None:
            held.check_errors()


def _as_record(message: Any) -> Record:
    headers = tuple(message.headers.items()) if isinstance(message.headers, dict) else tuple(message.headers or ())
    return Record(message.topic, message.partition, message.offset, message.key, headers, message.value)


def _credentials(settings: Settings) -> Any:
    if not settings.kafka_user:
        return None
    return faust.SASLCredentials(
        username=settings.kafka_user, password=settings.kafka_password, mechanism="SCRAM-SHA-512"
    )

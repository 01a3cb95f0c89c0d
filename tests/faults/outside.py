"""The world around the services: a buyer with a mailbox, a repair centre that answers, a sender of rubbish."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from tests.faults.history import History
from tests.support.stack_of_services import Stack

LARGEST: Final = 6 * 1024 * 1024
PATIENCE_SECONDS: Final = 60.0


class Mailbox:
    """Learns certificate numbers from the mailer's private topic, as a buyer does from the mail."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._numbers: dict[str, str] = {}
        self._arrived = asyncio.Condition()

    async def number(self, certificate_id: str) -> str:
        """The number of a certificate, as soon as it has arrived; TimeoutError when it does not."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: certificate_id in self._numbers)
        return self._numbers[certificate_id]

    async def read(self) -> None:
        """For ever; outlives the broker."""
        while True:
            with suppress(KafkaError, OSError):
                await self._follow()
            await asyncio.sleep(0.2)

    async def _follow(self) -> None:
        topic, bootstrap = self._stack.topic("registration-mail"), self._stack.bootstrap
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
        try:
            await consumer.start()
            async for message in consumer:
                mail = json.loads(message.value)
                async with self._arrived:
                    self._numbers[mail["certificate_id"]] = mail["certificate_number"]
                    self._arrived.notify_all()
        finally:
            await consumer.stop()


@dataclass(frozen=True)
class Poison:
    """A message that nobody can take; `consumers` have to set it aside."""

    topic: str
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None
    consumers: tuple[str, ...]


class Sender:
    """Writes from outside; repeats under the same id until the broker has taken it."""

    def __init__(self, stack: Stack, history: History) -> None:
        self._stack, self._history = stack, history

    async def say(self, event_type: str, key: str, body: dict[str, Any], topic: str = "service-centre") -> str:
        """An event of somebody else's; returns its id."""
        event_id = str(uuid4())
        self._history.note("saying", id=event_id, correlation=event_id, type=event_type, key=key)
        await self._send(topic, key, headers_of(event_type, event_id), json.dumps(body).encode())
        return event_id

    async def poison(self, poison: Poison) -> None:
        """Rubbish, noted with the place where it lies; the broker has to be up."""
        place = await self._send(poison.topic, poison.key, poison.headers, poison.value)
        where = {"topic": poison.topic, "partition": place.partition, "offset": place.offset}
        self._history.note("poison", **where, key=poison.key, consumers=poison.consumers)

    async def _send(self, topic: str, key: str, headers: Any, value: bytes | None) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(KafkaError, OSError):
                    return await self._once(self._stack.topic(topic), key, headers, value)
                await asyncio.sleep(0.2)

    async def _once(self, topic: str, key: str, headers: Any, value: bytes | None) -> Any:
        producer = AIOKafkaProducer(bootstrap_servers=self._stack.bootstrap, max_request_size=LARGEST)
        try:
            async with asyncio.timeout(10):
                await producer.start()
                return await producer.send_and_wait(topic, value, key=key.encode(), headers=list(headers))
        except TimeoutError as error:
            raise OSError("the broker does not answer") from error
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)


def headers_of(event_type: str | None, event_id: str | None) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents headers; None leaves one out."""
    told = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": event_type,
        "ce_source": "/somebody-else",
        "content-type": "application/json",
    }
    return tuple((name, value.encode()) for name, value in told.items() if value is not None)

"""Sees every event of the stack from now on, and waits for the one that a step is about."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from aftercare_local.trouble import Trouble
from chassis.kafka.tail import follow

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as it came, and when."""

    kind: str
    topic: str
    partition: int
    offset: int
    data: dict[str, Any]
    at: float
    """time.monotonic() of its arrival here."""


class Watch:
    """Follows topics without a consumer group."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self._bootstrap, self._topics = bootstrap, topics
        self._heard: list[Heard] = []
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._follow(ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({waiting, self._task}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not ready.is_set():
            waiting.cancel()
            self._task.cancel()
            raise Trouble(f"Kafka does not answer on {self._bootstrap}. `aftercare status` shows what runs, and where.")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    def heard(self, kind: str, **fields: object) -> list[Heard]:
        """The events of that type with these values that came so far, in their order."""
        return [one for one in self._heard if one.kind == kind and _fits(one.data, fields)]

    async def event(self, kind: str, **fields: object) -> Heard:
        """The first event of that type whose data have these values; raises Trouble when it does not come."""

        def found() -> Heard | None:
            return next(iter(self.heard(kind, **fields)), None)

        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._news:
                while (heard := found()) is None:
                    await self._news.wait()
                return heard
        except TimeoutError:
            raise Trouble(
                f"The event {kind} with {fields} did not come within {PATIENCE_SECONDS:.0f} s. "
                "`aftercare status` and `aftercare logs` show where the story stopped."
            ) from None

    async def _follow(self, ready: asyncio.Event) -> None:
        async for record, _ in follow(self._bootstrap, self._topics, ready=ready):
            kind, value = record.header("ce_type"), record.value
            if kind and value:
                heard = Heard(kind, record.topic, record.partition, record.offset, json.loads(value), time.monotonic())
                async with self._news:
                    self._heard.append(heard)
                    self._news.notify_all()


def _fits(data: dict[str, Any], fields: dict[str, object]) -> bool:
    return all(data.get(name) == value for name, value in fields.items())

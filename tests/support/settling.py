"""Know when a stack has come to rest: everything said was sent, everything sent was taken, nothing due is waiting."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Final, Protocol

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from event_schemas.topics import load_topics

POLL_SECONDS: Final = 0.25
BUSY: Final = """
SELECT (SELECT count(*) FROM outbox) AS unsent, (SELECT count(*) FROM timer WHERE not_before <= $1) AS due,
       (SELECT coalesce(max(id), 0) FROM dead_letter) AS dead
"""


class Observable(Protocol):
    """What can be asked of a stack, wherever it runs."""

    @property
    def services(self) -> Sequence[str]: ...
    @property
    def bootstrap(self) -> str: ...
    def topic(self, name: str) -> str: ...
    def group(self, service: str) -> str: ...
    def database_url(self, service: str) -> str: ...
    def now(self) -> datetime: ...
    async def get(self, service: str, path: str, **query: str) -> httpx.Response: ...


State = Mapping[str, int]
"""What is still to be done, by name; all zero at rest."""


async def settled(stack: Observable, seconds: float = 60.0) -> State:
    """Wait until nothing is to be done and nothing changes any more; returns what is left when the time is over."""
    deadline = time.monotonic() + seconds
    left: State = {"not looked at": 1}
    while left and time.monotonic() < deadline:
        try:
            async with _looking(stack) as look:
                left = await _wait(look, deadline)
        except (KafkaError, OSError, asyncpg.PostgresError, httpx.HTTPError) as error:
            left = {repr(error)[:80]: 1}
            await asyncio.sleep(POLL_SECONDS)
    return left


async def _wait(look: Callable[[], Awaitable[tuple[State, int]]], deadline: float) -> State:
    before: tuple[State, int] | None = None
    while True:
        now = await look()
        left = {what: count for what, count in now[0].items() if count}
        if (now == before and not left) or time.monotonic() > deadline:
            return left
        before = now
        await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def _looking(stack: Observable) -> AsyncIterator[Callable[[], Awaitable[tuple[State, int]]]]:
    """What is to be done, and how much was said in all, as often as it is called."""
    names = [stack.topic(one.topic) for one in load_topics()]
    reader = AIOKafkaConsumer(*names, bootstrap_servers=stack.bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)

    async def look() -> tuple[State, int]:
        works = [_work_of(stack.database_url(service), service, stack.now()) for service in stack.services]
        left = {what: count for work in await asyncio.gather(*works) for what, count in work.items()}
        ends = await reader.end_offsets(reader.assignment())
        for service in stack.services:
            left[f"{service} behind"] = await _behind(admin, stack, service, ends)
        return left | await _mails(stack), sum(ends.values())

    async with AsyncExitStack() as opened:
        for client, end in ((reader, reader.stop), (admin, admin.close)):
            opened.push_async_callback(end)
            await client.start()
        reader.pause(*reader.assignment())  # it only asks how long the topics are
        yield look


async def _work_of(address: str, service: str, now: datetime) -> dict[str, int]:
    connection = await asyncpg.connect(address, timeout=5)
    try:
        row = await connection.fetchrow(BUSY, now)
        assert row is not None
        return {f"{service} unsent": row["unsent"], f"{service} due": row["due"]}
    finally:
        await connection.close()


async def _mails(stack: Observable) -> dict[str, int]:
    """Mails that are not with the mail server yet, at most one of a kind."""
    if "notifications" not in stack.services:
        return {}
    left = {}
    for state in ("queued", "waiting"):
        reply = await stack.get("notifications", "/mails", state=state, limit="1")
        left[f"mails {state}"] = len(reply.raise_for_status().json()["items"])
    return left


async def _behind(
    admin: AIOKafkaAdminClient, stack: Observable, service: str, ends: Mapping[TopicPartition, int]
) -> int:
    """How many messages a service's group has not yet acknowledged."""
    heard = {stack.topic(one.topic) for one in load_topics() if service in one.subscribers}
    done = await admin.list_consumer_group_offsets(stack.group(service))
    taken = {part: max(0, told.offset) for part, told in done.items()}
    return sum(max(0, end - taken.get(part, 0)) for part, end in ends.items() if part.topic in heard)

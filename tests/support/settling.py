"""Know when a stack has come to rest: everything said was sent, everything sent was taken, nothing due is waiting."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from tests.support.stack_of_services import Stack

from event_schemas.topics import load_topics

POLL_SECONDS: Final = 0.25
BUSY: Final = """
SELECT (SELECT count(*) FROM outbox) AS unsent, (SELECT count(*) FROM timer WHERE not_before <= $1) AS due,
       (SELECT coalesce(max(id), 0) FROM dead_letter) AS dead
"""
State = Mapping[str, int]
"""What is still to be done, by name; all zero at rest."""


async def settled(stack: Stack, seconds: float = 60.0) -> State:
    """Wait until nothing is to be done and nothing changes any more; returns what is left when the time is over."""
    deadline = time.monotonic() + seconds
    before: tuple[State, int] | None = None
    while True:
        try:
            now = await _look(stack)
        except (KafkaError, OSError, asyncpg.PostgresError) as error:
            now = ({repr(error)[:80]: 1}, 0)
        if (now == before and not any(now[0].values())) or time.monotonic() > deadline:
            return {what: left for what, left in now[0].items() if left}
        before = now
        await asyncio.sleep(POLL_SECONDS)


async def _look(stack: Stack) -> tuple[State, int]:
    """What is to be done, and how much was said in all."""
    left: dict[str, int] = {}
    for service in stack.services:
        left |= await _work_of(stack.database_url(service), service, stack.now())
    async with AsyncExitStack() as opened:
        reader = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap)
        admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
        for client, end in ((reader, reader.stop), (admin, admin.close)):
            opened.push_async_callback(end)
            await client.start()
        ends = await reader.end_offsets(
            [TopicPartition(stack.topic(one.topic), part) for one in load_topics() for part in range(one.partitions)]
        )
        for service in stack.services:
            left[f"{service} behind"] = await _behind(admin, stack, service, ends)
    return left, sum(ends.values())


async def _work_of(address: str, service: str, now: datetime) -> dict[str, int]:
    connection = await asyncpg.connect(address, timeout=5)
    try:
        row = await connection.fetchrow(BUSY, now)
        assert row is not None
        return {f"{service} unsent": row["unsent"], f"{service} due": row["due"]}
    finally:
        await connection.close()


async def _behind(admin: AIOKafkaAdminClient, stack: Stack, service: str, ends: Mapping[TopicPartition, int]) -> int:
    """How many messages a service's group has not yet acknowledged."""
    heard = {stack.topic(one.topic) for one in load_topics() if service in one.subscribers}
    done = await admin.list_consumer_group_offsets(stack.group(service))
    taken = {part: max(0, told.offset) for part, told in done.items()}
    return sum(max(0, end - taken.get(part, 0)) for part, end in ends.items() if part.topic in heard)

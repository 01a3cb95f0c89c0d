"""A database and a topic of their own for each measurement."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from tests.bench.toy import TABLE, TOY
from tests.support.stack import KafkaStack, PostgresStack

from chassis.clock import SystemClock
from chassis.database import Database, migrate, open_pool
from chassis.kafka.admin import TopicSpec, create_topics
from chassis.settings import Settings


@dataclass(frozen=True)
class Place:
    """Where one measurement runs."""

    database: Database
    settings: Settings
    topic: str
    """The full name of the topic `credits`."""


@asynccontextmanager
async def place(
    postgres: PostgresStack, kafka: KafkaStack, runner: Literal["faust", "plain"] = "plain"
) -> AsyncIterator[Place]:
    """An empty database with the chassis' tables and a topic with three partitions."""
    mark = uuid4().hex[:8]
    url = await asyncio.to_thread(postgres.ensure_database, f"bench_{mark}", "bench")
    await asyncio.to_thread(migrate, url, "chassis")
    settings = Settings(
        database_url=url, kafka=kafka.bootstrap, environment="test", topic_prefix=f"b{mark}-", runner=runner
    )
    topic = f"{settings.topic_prefix}credits"
    await create_topics(kafka.bootstrap, [TopicSpec(topic, 3)])
    pool = await open_pool(url, 10, "bench")
    try:
        await pool.execute(TABLE)
        database = Database(pool, SystemClock(), "credits", TOY.policy_version, settings.topic_prefix)
        yield Place(database, settings, topic)
    finally:
        pool.terminate()

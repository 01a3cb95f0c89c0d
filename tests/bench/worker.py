"""A worker's events per second, with either runner, against getmany and one multi-row inbox insert a batch."""

import asyncio
import gc
import time
from collections.abc import Sequence
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from tests.bench.relay import MESSAGES, messages_for, produce
from tests.bench.rows import Row, compared, rate
from tests.bench.servers import Place, place
from tests.bench.toy import TOY
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.waiting import is_true, until

from chassis.codec import Record
from chassis.dead_letters import DeadLetterLimit
from chassis.deliver import Delivery
from chassis.kafka.plain_runner import BATCH
from chassis.kafka.runner import make_runner


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Rounds of plain runner, faust runner and bare loop in turn, each on a full topic and an empty database."""
    seen: dict[str, list[float]] = {"plain": [], "faust": [], "bare": []}
    for _ in range(rounds):
        for kind, rates in seen.items():
            async with place(postgres, kafka, "faust" if kind == "faust" else "plain") as where:
                await produce(where, messages_for(where))
                gc.collect()
                rates.append(await (bare if kind == "bare" else ours)(where, MESSAGES))
    return [
        compared(
            "worker, plain runner, against getmany + inbox insert", "events/s", seen["plain"], seen["bare"], "≥ 0.35"
        ),
        compared("worker, faust runner, against getmany + inbox insert", "events/s", seen["faust"], seen["bare"]),
    ]


class Counting(Delivery):
    """A delivery that knows when its first batch began, when its last ended and how many messages it took."""

    def __init__(self, where: Place, stop: asyncio.Event) -> None:
        super().__init__(where.database, TOY.routes, DeadLetterLimit(1), stop)
        self.taken, self.began, self.ended = 0, 0.0, 0.0

    async def take(self, batch: Sequence[Record]) -> None:
        self.began = self.began or time.perf_counter()
        await super().take(batch)
        self.taken, self.ended = self.taken + len(batch), time.perf_counter()


async def ours(where: Place, count: int) -> float:
    """From the first batch to the last; joining the group is not counted."""
    stop = asyncio.Event()
    delivery = Counting(where, stop)
    runner = make_runner(where.settings, f"{where.settings.topic_prefix}bench", [where.topic], delivery, stop)
    running = asyncio.create_task(runner.run())
    await until(is_true(lambda: delivery.taken >= count), "the last event", 120)
    stop.set()
    await running
    return rate(count, delivery.ended - delivery.began)


async def bare(where: Place, count: int) -> float:
    """The least that a consumer with an inbox can do."""
    consumer = AIOKafkaConsumer(
        where.topic,
        bootstrap_servers=where.settings.kafka,
        group_id=f"{where.settings.topic_prefix}bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    done, started = 0, 0.0
    async with consumer, where.database.pool.acquire() as connection:
        while done < count:
            fetched = await consumer.getmany(timeout_ms=200, max_records=BATCH)
            started = started or time.perf_counter()
            ids = [UUID(dict(m.headers)["ce_id"].decode()) for messages in fetched.values() for m in messages]
            await connection.execute(
                "INSERT INTO inbox SELECT 'bare', id FROM unnest($1::uuid[]) AS id ON CONFLICT DO NOTHING", ids
            )
            await consumer.commit({part: messages[-1].offset + 1 for part, messages in fetched.items()} or None)
            done += len(ids)
    return rate(done, time.perf_counter() - started)

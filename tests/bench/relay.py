"""The relay's drain against aiokafka's producer alone."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from tests.bench.rows import Row, compared, rate
from tests.bench.servers import Place, place
from tests.bench.toy import invoice
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.waiting import is_true, until

from chassis import outbox
from chassis.codec import Message, encode
from chassis.database import Cause, Tx
from chassis.kafka.relay import BATCH, Relay

MESSAGES = 20_000


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Rounds of relay and bare producer in turn, over the same messages."""
    ours: list[float] = []
    bare: list[float] = []
    async with place(postgres, kafka) as where:
        messages = messages_for(where)
        for _ in range(rounds):
            ours.append(await drain(where, messages))
            bare.append(await produce(where, messages))
    return [compared("relay drain against batched aiokafka produce", "messages/s", ours, bare, "≥ 0.40")]


def messages_for(where: Place) -> list[Message]:
    now, prefix, cause = where.database.clock.now(), where.settings.topic_prefix, Cause("bench")
    return [
        encode(invoice(number), service="credits", policy_version="1", cause=cause, now=now, topic_prefix=prefix)
        for number in range(MESSAGES)
    ]


async def drain(where: Place, messages: Sequence[Message]) -> float:
    """Fill the outbox, then time the relay until it is empty."""
    async with where.database.transaction(Cause("bench")) as tx:
        await put_all(tx, messages)
    stop = asyncio.Event()
    relay = Relay(where.database.pool, where.settings, stop)
    running = asyncio.create_task(relay.run())
    await until(is_true(lambda: relay.sending), "the relay leads", every=0.001)
    started = time.perf_counter()
    await until(lambda: where.database.pool.fetchval("SELECT NOT EXISTS (SELECT FROM outbox)"), "an empty outbox", 120)
    seconds = time.perf_counter() - started
    stop.set()
    await running
    return rate(len(messages), seconds)


async def put_all(tx: Tx, messages: Sequence[Message]) -> None:
    for start in range(0, len(messages), BATCH):
        await outbox.put(tx, messages[start : start + BATCH])


async def produce(where: Place, messages: Sequence[Message]) -> float:
    """The same messages, in the same batches, by the producer alone."""
    producer = AIOKafkaProducer(
        bootstrap_servers=where.settings.kafka, enable_idempotence=True, linger_ms=2, max_batch_size=256 * 1024
    )
    async with producer:
        started = time.perf_counter()
        for start in range(0, len(messages), BATCH):
            futures = [
                await producer.send(message.topic, message.payload, key=message.key, headers=message.headers)
                for message in messages[start : start + BATCH]
            ]
            await asyncio.gather(*futures)
        return rate(len(messages), time.perf_counter() - started)

"""Read topics without a consumer group: for people and programs that only look."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from aiokafka import AIOKafkaConsumer

from chassis.codec import Record
from chassis.kafka.connection import BIGGEST_MESSAGE_BYTES, as_record


async def follow(
    bootstrap: str, topics: Sequence[str], *, from_start: bool = False, ready: asyncio.Event | None = None
) -> AsyncGenerator[tuple[Record, int], None]:
    """Every record of the topics as it comes, with its timestamp in ms; never ends by itself, leaves no group behind.

    `ready` is set when the place is fixed: nothing said after that is missed.
    """
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest" if from_start else "latest",
        max_partition_fetch_bytes=BIGGEST_MESSAGE_BYTES,
    )
    await consumer.start()
    try:
        for part in consumer.assignment():
            await consumer.position(part)  # fixes "latest" now instead of at the first fetch
        if ready:
            ready.set()
        async for message in consumer:
            yield as_record(message), message.timestamp
    finally:
        await consumer.stop()

"""Somebody else's small programs on the bus: one that writes, one that reads."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

LARGEST = 6 * 1024 * 1024


async def create_topic(bootstrap: str, topic: str) -> None:
    """Make a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs={"max.message.bytes": str(LARGEST)})])
    finally:
        await admin.close()


async def write(bootstrap: str, topic: str, values: list[bytes]) -> None:
    """Send values in order, each acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=LARGEST)
    await producer.start()
    try:
        async with asyncio.timeout(30):
            for value in values:
                await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int, seconds: float = 20) -> list[bytes | None]:
    """The first values of partition 0; raises TimeoutError when there are fewer in that time."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        async with asyncio.timeout(seconds):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()

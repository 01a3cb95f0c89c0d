"""What an outsider sees of Kafka: it makes topics, publishes records, reads them, asks how far a group has come."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from chassis.codec import Record
from chassis.kafka.admin import TopicSpec, create_topics
from chassis.kafka.tail import follow

LARGEST = 6 * 1024 * 1024
PATIENCE_SECONDS = 30.0


async def make_topic(bootstrap: str, name: str, partitions: int = 3, **config: str) -> str:
    """A topic that takes large messages unless `config` says otherwise (underscores for dots); returns its name."""
    settings = {"max_message_bytes": str(LARGEST), **config}
    spec = TopicSpec(name, partitions, {key.replace("_", "."): value for key, value in settings.items()})
    await create_topics(bootstrap, [spec])
    return name


async def publish(bootstrap: str, topic: str, records: Sequence[Record]) -> None:
    """Send the records' keys, headers and values to `topic`, in their order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, max_request_size=LARGEST)
    await producer.start()
    try:
        for sent in [
            await producer.send(topic, record.value, key=record.key, headers=list(record.headers)) for record in records
        ]:
            await sent
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int) -> list[Record]:
    """The first `count` records of a topic as they come; TimeoutError when there are fewer."""
    seen: list[Record] = []
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(follow(bootstrap, [topic], from_start=True)) as records:
        async for record, _ in records:
            seen.append(record)
            if len(seen) == count:
                break
    return seen


async def ends(bootstrap: str, topic: str) -> dict[int, int]:
    """The offset after the last record of each partition that has any."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        found = await consumer.end_offsets(consumer.assignment())
        return {part.partition: end for part, end in found.items() if end}
    finally:
        await consumer.stop()


async def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    """How far a group has committed, by partition; nothing for partitions without a commit."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
        return {part.partition: at.offset for part, at in offsets.items() if part.topic == topic and at.offset > 0}
    finally:
        await admin.close()

"""How to reach Kafka, for every client of this room."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRecord

from chassis.codec import Record
from chassis.settings import Settings

BIGGEST_MESSAGE_BYTES = 6 * 1024 * 1024
"""A dead letter carries a foreign message whole, so clients allow more than any own event may have."""


def client_options(settings: Settings) -> Mapping[str, Any]:
    """Bootstrap servers and, where a user is set, SCRAM credentials as aiokafka's keyword arguments."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka, "client_id": "aftercare"}
    if settings.kafka_user:
        options |= {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password,
        }
    return options


async def reachable(settings: Settings) -> bool:
    """Whether any bootstrap server takes a connection within a second."""
    for address in settings.kafka.split(","):
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError):
            continue
        writer.close()
        return True
    return False


def as_record(message: "ConsumerRecord[bytes | None, bytes | None]") -> Record:
    """aiokafka's record as ours."""
    headers: Sequence[tuple[str, bytes]] = message.headers
    return Record(message.topic, message.partition, message.offset, message.key, headers, message.value)


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

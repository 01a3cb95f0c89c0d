"""Messages that cannot be applied are set aside with their address; later ones of the same key wait behind them.

A lane is one key of one topic: as long as a dead letter waits in it, what follows goes there too, so that a redrive
applies the aggregate's story in its order (OPS-03, ALL-02).
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from uuid6 import uuid7

from chassis import metrics, outbox
from chassis.codec import Headers, Message, Record, headers_to_json, size_of
from chassis.database import Database, Tx
from chassis.told import told

Lane: TypeAlias = tuple[str, bytes | None]
"""Topic and message key; messages without a key have no lane."""

WINDOW: Final = timedelta(minutes=1)
LONGEST_COPY: Final = 5_000_000
"""Bytes; what `max_message_bytes` of the dead-letter topics leaves beside the headers."""

_SET_ASIDE: Final = """
INSERT INTO dead_letter (consumer, topic, partition, "offset", msg_key, headers, payload,
                         error_class, message, fingerprint, first_failed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING attempt
"""


class TooManyDeadLetters(Exception):
    """So much fails that something other than the messages is wrong; the consumer stops and says so."""


class WaitsBehind(Exception):
    """An earlier message of the same key is a dead letter; this one keeps its place behind it."""


class DeadLetterLimit:
    """At most `limit` dead letters within a minute; messages that only wait behind one do not count."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: deque[datetime] = deque()

    def count(self, now: datetime) -> None:
        """Note one; raises TooManyDeadLetters when it is one too many."""
        self._seen.append(now)
        while self._seen and self._seen[0] < now - WINDOW:
            self._seen.popleft()
        if len(self._seen) > self._limit:
            raise TooManyDeadLetters(
                f"{len(self._seen)} dead letters within a minute, at most {self._limit} are taken for single failures; "
                "look at the dead letters, mend the cause, restart the worker, then redrive"
            )


def lane_of(record: Record) -> Lane:
    """Where a message has its place."""
    return record.topic, record.key


async def closed_lanes(tx: Tx, consumer: str, records: Sequence[Record]) -> set[Lane]:
    """The lanes among these records in which a dead letter waits; held against a redrive until the transaction ends."""
    rows = await tx.fetch(
        "SELECT d.topic, d.msg_key FROM dead_letter d "
        "JOIN unnest($2::text[], $3::bytea[]) AS r(topic, key) ON d.topic = r.topic AND d.msg_key = r.key "
        "WHERE d.consumer = $1 FOR SHARE OF d",
        consumer,
        [record.topic for record in records],
        [record.key for record in records],
    )
    return {(row["topic"], row["msg_key"]) for row in rows}


async def set_aside(database: Database, consumer: str, record: Record, error: Exception, tx: Tx) -> bool:
    """Write the dead letter and its copy for the topic `<consumer>-dlq`; False when it is there already."""
    kind, text = type(error).__name__, told(error)
    fingerprint = hashlib.sha256(f"{kind}|{record.header('ce_type')}|{text[:80]}".encode()).hexdigest()[:16]
    address = (consumer, record.topic, record.partition, record.offset)
    headers = headers_to_json(record.headers)
    new = await tx.fetchval(_SET_ASIDE, *address, record.key, headers, record.value, kind, text, fingerprint, tx.now)
    if new is None:
        return False
    about = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "consumer": consumer,
        "error_class": kind,
        "message": text,
        "fingerprint": fingerprint,
        "attempt": "1",
        "first_failed_at": tx.now.isoformat(),
    }
    await outbox.put(tx, [_copy(database, consumer, record, about, tx.now)])
    metrics.DEAD_LETTERS.labels(record.topic, kind).inc()
    return True


def _copy(database: Database, consumer: str, record: Record, about: dict[str, str], now: datetime) -> Message:
    own = [(f"dlq_{name}", value.encode()) for name, value in about.items()]
    topic = f"{database.topic_prefix}{consumer}-dlq"
    headers: Headers = record.headers
    value = record.value
    if size_of(record.key, headers, value) > LONGEST_COPY:
        # the topic would refuse it for ever; the table has it whole, and a redrive reads the table
        headers, value = (), None
        own.append(("dlq_left_out", b"the message is too long for this topic"))
    if record.key is None and value is None:
        value = b""  # a message of nothing at all cannot be sent
    return Message(uuid7(), topic, record.key, [*headers, *own], value, now)

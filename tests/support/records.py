"""Events as records, the way a runner hands them to a delivery."""

from datetime import UTC, datetime
from uuid import UUID

from chassis.codec import Headers, Record, encode
from chassis.database import Cause
from event_schemas import Event

SAID_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def record_of(event: Event, offset: int, *, event_id: UUID | None = None, now: datetime = SAID_AT) -> Record:
    """The event at `offset` of partition 0 of its topic; name an id to deliver the same event again."""
    message = encode(event, service="test", policy_version="test", cause=Cause("test"), now=now)
    headers = message.headers if event_id is None else with_header(message.headers, "ce_id", str(event_id).encode())
    return Record(message.topic, 0, offset, message.key, headers, message.payload)


def with_header(headers: Headers, name: str, value: bytes | None) -> Headers:
    """The headers with another value under one name; None takes it out."""
    others = [(own, old) for own, old in headers if own != name]
    return others if value is None else [*others, (name, value)]


def id_of(record: Record) -> UUID:
    """The event's id from its header."""
    return UUID(record.header("ce_id"))

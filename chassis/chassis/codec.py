"""Facts to messages and back: CloudEvents 1.0, binary mode on Kafka; the value is business JSON alone (ALL-04)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from pydantic import ValidationError
from uuid6 import uuid7

from chassis.database import Cause
from event_schemas import Event

MAX_MESSAGE_BYTES: Final = 900_000
"""Key, headers and value together; below the brokers' usual limit of 1 MiB."""
CORRELATION_ID: Final = re.compile(r"^[A-Za-z0-9._:-]{1,100}$")
TRACEPARENT: Final = re.compile(r"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Record:
    """A message as Kafka gave it, whichever library read it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    value: bytes | None

    def header(self, name: str) -> str | None:
        """The last header of that name as text; bytes that are no UTF-8 show as replacement characters."""
        for key, value in reversed(self.headers):
            if key == name:
                return value.decode("utf-8", "replace") if value is not None else None
        return None


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox: what will be sent, as it will be sent."""

    event_id: UUID
    topic: str
    key: bytes | None
    headers: Headers
    payload: bytes | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """A fact that arrived, with the id and the story from its headers."""

    event_id: UUID
    event: Event
    cause: Cause
    record: Record


class Undecodable(Exception):
    """A message that is not what its headers promise; the text names the field and what would be accepted."""


class EventTooLarge(Exception):
    """A fact that Kafka could never take; refused while its transaction can still be rolled back."""


def encode(
    fact: Event, *, service: str, policy_version: str, cause: Cause, now: datetime, topic_prefix: str = ""
) -> Message:
    """A fact as it will stand in the outbox; raises EventTooLarge above MAX_MESSAGE_BYTES."""
    payload = fact.model_dump_json().encode()
    event_id, key = uuid7(), fact.key
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_type": fact.TYPE,
        "ce_source": f"/{service}",
        "ce_time": now.isoformat().replace("+00:00", "Z"),
        "ce_subject": key,
        "content-type": "application/json",
        "ce_correlationid": cause.correlation_id,
        "ce_causationid": cause.causation_id or str(event_id),
        "ce_brand": fact.brand,
        "ce_policyversion": policy_version,
    }
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    if fact.ALSO_SAID_AS:
        headers["ce_alsosaidas"] = fact.ALSO_SAID_AS
    pairs = [(name, value.encode()) for name, value in headers.items()]
    if (size := size_of(key.encode(), pairs, payload)) > MAX_MESSAGE_BYTES:
        raise EventTooLarge(f"{fact.TYPE}: {size} bytes, at most {MAX_MESSAGE_BYTES} fit into a message")
    return Message(event_id, topic_prefix + fact.TOPIC, key.encode(), pairs, payload, now)


def size_of(key: bytes | None, headers: Headers, value: bytes | None) -> int:
    """The bytes of a message as a broker counts them, but for a few of framing."""
    return len(key or b"") + len(value or b"") + sum(len(name) + len(text or b"") + 4 for name, text in headers)


def decode(record: Record, heard: Mapping[str, type[Event]], topic_prefix: str = "") -> Incoming | None:
    """The fact in a message; None when this consumer does not hear of its type. Raises Undecodable.

    A fact counts on the topic of its publisher only: rights are given per topic, so a repair centre that says
    `service.activated.v1` on its own topic is refused.
    """
    said = record.header("ce_type")
    if said is None:
        raise Undecodable("header ce_type is missing; accepted is the type of an event, e.g. unit.received.v1")
    event_class = heard.get(said)
    if event_class is None:
        if record.header("ce_alsosaidas") not in heard:
            _refuse_unknown_version(said, heard)
        return None
    if record.topic != topic_prefix + event_class.TOPIC:
        raise Undecodable(f"{said} is said on topic {event_class.TOPIC} only, not on {record.topic}")
    event_id = _uuid(record.header("ce_id"))
    if record.value is None:
        raise Undecodable(f"{said}: the message has no value; accepted is a JSON object")
    try:
        event = event_class.model_validate_json(record.value)
    except ValidationError as error:
        raise Undecodable(f"{said}: {_reasons(error)}") from None
    return Incoming(event_id, event, _cause(record, event_id), record)


def headers_to_json(headers: Headers) -> str:
    """Headers as JSON text that keeps every byte: latin-1 maps each byte to one character and back."""
    pairs = [[name, None if value is None else value.decode("latin-1")] for name, value in headers]
    return orjson.dumps(pairs).decode()


def headers_from_json(text: str) -> list[tuple[str, bytes | None]]:
    """The inverse of headers_to_json."""
    return [(name, None if value is None else value.encode("latin-1")) for name, value in orjson.loads(text)]


def _refuse_unknown_version(said: str, heard: Mapping[str, type[Event]]) -> None:
    name = said.rpartition(".v")[0] or said
    known = sorted(kind for kind in heard if kind.rpartition(".v")[0] == name)
    if known:
        raise Undecodable(f"header ce_type: version {said!r} is unknown; accepted: {', '.join(known)}")


def _cause(record: Record, event_id: UUID) -> Cause:
    """The story from outside, if it is one: it goes on into every fact that follows, so it must stay short."""
    correlation, trace = record.header("ce_correlationid") or "", record.header("traceparent") or ""
    story = correlation if CORRELATION_ID.match(correlation) else str(event_id)
    return Cause(story, str(event_id), trace if TRACEPARENT.match(trace) else None)


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Undecodable(f"header ce_id: {text!r} is not a UUID") from None


def _reasons(error: ValidationError) -> str:
    lines = [f"/{'/'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors(include_url=False)]
    return "; ".join(lines[:5])

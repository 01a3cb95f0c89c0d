"""What the checker sees: the driver's history, every message of every topic, and each database as of one moment.

Nothing here knows the services: topics are read with aiokafka, databases with asyncpg, the contract from its YAML.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg
import yaml
from aiokafka import AIOKafkaConsumer

Json = dict[str, Any]
Address = tuple[str, int, int]
"""Topic without its prefix, partition, offset."""


@dataclass(frozen=True)
class Wire:
    """One message as it lies in Kafka."""

    address: Address
    key: str
    headers: Mapping[str, str]
    text: str
    """The value as it is."""

    @cached_property
    def value(self) -> Any:
        """The parsed JSON; None when it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    def fields(self) -> Iterable[tuple[str, Any]]:
        """The fields of the value; none when it is no object."""
        return self.value.items() if isinstance(self.value, dict) else ()

    @property
    def topic(self) -> str:
        return self.address[0]

    @property
    def id(self) -> str:
        return self.headers.get("ce_id", "")

    @property
    def type(self) -> str:
        return self.headers.get("ce_type", "")

    @property
    def name(self) -> str:
        """The type without its version."""
        return self.type.rpartition(".v")[0]

    @property
    def cause(self) -> str:
        return self.headers.get("ce_causationid") or self.id

    @property
    def correlation(self) -> str:
        return self.headers.get("ce_correlationid") or self.id

    @property
    def said_at(self) -> datetime:
        """The publisher's own clock."""
        return datetime.fromisoformat(self.headers["ce_time"])

    @property
    def made_at(self) -> datetime:
        """Real time, from the UUIDv7 that is the event's id."""
        return datetime.fromtimestamp(int(self.id.replace("-", "")[:12], 16) / 1000, UTC)

    def __str__(self) -> str:
        topic, partition, offset = self.address
        return f"{self.type or '(no type)'} {self.id or '(no id)'} key {self.key} at {topic}/{partition}/{offset}"


@dataclass(frozen=True)
class Dead:
    """A dead letter that waits in a database."""

    address: Address
    key: str
    id: str
    """The event's id, empty when it had none."""
    error_class: str

    def __str__(self) -> str:
        topic, partition, offset = self.address
        return f"{topic}/{partition}/{offset} key {self.key}: {self.error_class}"


@dataclass(frozen=True)
class Base:
    """One database as of one moment."""

    service: str
    outbox: list[Json]
    inbox: Counter[str]
    dead: list[Dead]
    """In the order in which they were set aside."""
    timers: list[Json]
    ledger: list[Json] = field(default_factory=list)
    """Per certificate: quantity, units_left, and the sum and number of its entries; only registration has it."""


@dataclass(frozen=True)
class Command:
    """What the driver asked for, under one key."""

    key: str
    path: str
    body: Json
    correlation: str
    answers: list[Json]
    """Each a status and a body, in order of arrival; lost replies are not among them."""

    @property
    def final(self) -> Json | None:
        """The answer that ended it: accepted, or refused for good."""
        ends = [answer for answer in self.answers if answer["final"]]
        return ends[-1] if ends else None

    @property
    def accepted(self) -> bool:
        return self.final is not None and self.final["status"] < 300

    def told(self, field: str) -> str:
        """A field of the final answer, as text."""
        return str(self.final["body"].get(field)) if self.final else ""

    def __str__(self) -> str:
        return f"{self.path} under {self.key} -> {self.final['status'] if self.final else 'no answer'}"


@dataclass(frozen=True)
class Observed:
    """Everything at once; `now` is what the services take for the present."""

    history: list[Json]
    wires: list[Wire]
    bases: Mapping[str, Base]
    subscribers: Mapping[str, Mapping[str, list[str]]]
    """Topic -> service -> types that it hears there."""
    private: frozenset[str]
    """Topics on which persons and secrets may travel."""
    now: datetime

    @cached_property
    def commands(self) -> list[Command]:
        found = {
            line["key"]: Command(line["key"], line["path"], line["body"], line["correlation"], [])
            for line in self.history
            if line["what"] == "intent"
        }
        for line in self.history:
            if line["what"] == "answer":
                found[line["key"]].answers.append(line)
        return list(found.values())

    @cached_property
    def poison(self) -> dict[Address, list[str]]:
        """Address of each poisonous message -> the services that have to set it aside."""
        lines = (line for line in self.history if line["what"] == "poison")
        return {(line["topic"], line["partition"], line["offset"]): line["consumers"] for line in lines}

    @cached_property
    def events(self) -> list[Wire]:
        """The first arrival of each event, in the order of each partition; no dead letters, no poison."""
        seen: set[str] = set()
        first = []
        for wire in self.wires:
            if wire.topic.endswith("-dlq") or wire.address in self.poison or wire.id in seen:
                continue
            seen.add(wire.id)
            first.append(wire)
        return first

    @cached_property
    def resent(self) -> int:
        """How often an event arrived again; allowed, consumers know it by its id."""
        healthy = [w for w in self.wires if not w.topic.endswith("-dlq") and w.address not in self.poison]
        return len(healthy) - len(self.events)

    def named(self, *names: str) -> Iterator[Wire]:
        """The events of these types, whatever their version."""
        return (wire for wire in self.events if wire.name in names)

    def offset_near(self, moment: datetime) -> timedelta:
        """The furthest that the services' clock was ahead of real time within a second of `moment`."""
        furthest, last = None, timedelta()
        for line in self.history:
            if line["what"] != "clock":
                continue
            at, offset = datetime.fromisoformat(line["at"]), timedelta(seconds=line["offset"])
            if at <= moment - timedelta(seconds=1):
                last = offset
            elif at <= moment + timedelta(seconds=1):
                furthest = offset if furthest is None else max(furthest, offset)
        return last if furthest is None else max(furthest, last)


def read_history(file: Path) -> list[Json]:
    """The driver's lines; a last line that a power cut left unfinished is dropped."""
    lines = file.read_text().split("\n")
    return [json.loads(line) for line in lines[:-1]]


def read_contract(folder: Path) -> tuple[dict[str, dict[str, list[str]]], frozenset[str]]:
    """Who hears what, and which topics are private, from `schemas/topics`."""
    topics = [yaml.safe_load(file.read_text()) for file in sorted(folder.glob("*.yaml"))]
    private = frozenset(one["topic"] for one in topics if one["personal_data"] in ("personal", "secret"))
    return {one["topic"]: one["subscribers"] or {} for one in topics}, private


async def read_topics(bootstrap: str, prefix: str, topics: list[str]) -> list[Wire]:
    """Every message of every partition from offset 0 to the end as of now, tombstones too."""
    options: Json = {"auto_offset_reset": "earliest", "max_partition_fetch_bytes": 8 * 1024 * 1024}
    names = [prefix + topic for topic in topics]
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=bootstrap, **options)  # no group: it leaves nothing behind
    await consumer.start()
    try:
        return sorted(await _read_all(consumer, prefix), key=lambda wire: wire.address)
    finally:
        await consumer.stop()


async def _read_all(consumer: AIOKafkaConsumer, prefix: str) -> list[Wire]:
    ends = await consumer.end_offsets(consumer.assignment())
    wires: list[Wire] = []
    while [part for part, end in ends.items() if await consumer.position(part) < end]:
        fetched = await consumer.getmany(timeout_ms=200)
        for part, messages in fetched.items():
            wires += [_wire(part.topic.removeprefix(prefix), one) for one in messages if one.offset < ends[part]]
    return wires


def _wire(topic: str, message: Any) -> Wire:
    headers = {name: (value or b"").decode(errors="replace") for name, value in message.headers}
    key, text = ((part or b"").decode(errors="replace") for part in (message.key, message.value))
    return Wire((topic, message.partition, message.offset), key, headers, text)


LEDGER = """
SELECT c.certificate_id::text, c.quantity, c.units_left, coalesce(sum(e.change), 0)::int AS change,
       count(e.*) FILTER (WHERE e.change < 0)::int AS taken
FROM certificates c LEFT JOIN entries e USING (certificate_id) GROUP BY 1, 2, 3
"""


async def read_base(service: str, address: str, prefix: str) -> Base:
    """The plumbing tables of a service, and registration's ledger, in one snapshot."""
    connection = await asyncpg.connect(address)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            outbox = await connection.fetch("SELECT id, event_id::text, topic FROM outbox ORDER BY id")
            inbox = await connection.fetch("SELECT event_id::text FROM inbox WHERE consumer = $1", service)
            dead = await connection.fetch("SELECT * FROM dead_letter ORDER BY id")
            timers = await connection.fetch("SELECT kind, subject, due_at, last_error FROM timer")
            ledger = await connection.fetch(LEDGER) if service == "registration" else []
    finally:
        await connection.close()
    return Base(
        service,
        outbox=[dict(row) for row in outbox],
        inbox=Counter(row["event_id"] for row in inbox),
        dead=[_dead(row, prefix) for row in dead],
        timers=[dict(row) for row in timers],
        ledger=[dict(row) for row in ledger],
    )


def _dead(row: Any, prefix: str) -> Dead:
    headers = dict(json.loads(row["headers"]))
    address = (row["topic"].removeprefix(prefix), row["partition"], row["offset"])
    key = (row["msg_key"] or b"").decode(errors="replace")
    return Dead(address, key, headers.get("ce_id", ""), row["error_class"])

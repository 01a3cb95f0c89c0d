"""listen: every event as it passes, on every topic or some."""

import asyncio
import json as codec
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aftercare_local.cli.shown import colour_of, escape, here, out, progress
from aftercare_local.cli.stack import Json
from aftercare_local.ports import accepts
from aftercare_local.trouble import Trouble

if TYPE_CHECKING:
    from chassis.codec import Record

Topics = Annotated[list[str] | None, typer.Argument(help="Topics; all of them when none is named.")]


def listen(
    topics: Topics = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest event.")] = False,
    json: Json = False,
) -> None:
    """Print events as they pass: time, topic, partition@offset, type, key, content. Leaves no consumer group behind."""
    _, settings = here()
    host, _, port = settings.bootstrap.partition(":")
    if host == "127.0.0.1" and not accepts(int(port)):
        raise Trouble(
            f"Kafka does not answer on {settings.bootstrap}. `aftercare up` starts it, `aftercare status` shows it."
        )
    known = _known()
    if unknown := [topic for topic in topics or [] if topic not in known]:
        raise Trouble(f"There is no topic {unknown[0]!r}. Known: {', '.join(known)}.")
    asyncio.run(_print_all(settings.bootstrap, topics or known, from_start, json))


def _known() -> list[str]:
    from event_schemas.topics import load_topics

    return [topic.topic for topic in load_topics()]


async def _print_all(bootstrap: str, topics: list[str], from_start: bool, json: bool) -> None:
    from chassis.kafka.tail import follow

    progress.print(f"[dim]listening to {', '.join(topics)}; Ctrl-C ends[/]")
    known = sorted(topics)
    async for record, timestamp in follow(bootstrap, topics, from_start=from_start):
        shown = as_json(record, timestamp)
        out.print(codec.dumps(shown, ensure_ascii=False), markup=False) if json else out.print(_line(shown, known))


def as_json(record: "Record", timestamp: int) -> dict[str, Any]:
    """One record as people and scripts read it."""
    return {
        "time": datetime.fromtimestamp(timestamp / 1000, UTC).isoformat(timespec="milliseconds"),
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "type": record.header("ce_type"),
        "key": record.key.decode(errors="replace") if record.key is not None else None,
        "headers": {
            name: value.decode(errors="replace") if value is not None else None for name, value in record.headers
        },
        "data": content(record.value),
    }


def content(value: bytes | None) -> Any:
    """The value as JSON, as text when it is none; None for a tombstone."""
    if value is None:
        return None
    try:
        return codec.loads(value)
    except ValueError:
        return value.decode(errors="replace")


def _line(shown: dict[str, Any], known: list[str]) -> str:
    place = f"{shown['topic']} {shown['partition']}@{shown['offset']}"
    data = codec.dumps(shown["data"], ensure_ascii=False) if shown["data"] is not None else "(tombstone)"
    colour = colour_of(shown["topic"], known)
    what = f"[bold]{escape(shown['type'] or '(no type)')}[/] {escape(str(shown['key']))} {escape(data)}"
    return f"[dim]{shown['time'][11:23]}[/] [{colour}]{place}[/] {what}"


def add_to(app: typer.Typer) -> None:
    app.command()(listen)

"""Examples of every fact, for people and for the contract tests of those who say it and those who hear it (ALL-04)."""

import json
from pathlib import Path

from event_schemas.base import Event, Json
from event_schemas.folders import folder


def example_files(event: type[Event], directory: Path | None = None) -> dict[str, Json]:
    """Name -> value of each file in `examples/<type>.v<N>/`, in order of the names."""
    files = sorted(((directory or folder("examples")) / event.TYPE).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def examples_of(event: type[Event]) -> list[Json]:
    """The examples of an event as they travel: the message value, decoded from JSON.

    Raises LookupError when there is none: a contract test over nothing would prove nothing.
    """
    found = list(example_files(event).values())
    if not found:
        raise LookupError(f"{event.TYPE}: no example; put one into schemas/examples/{event.TYPE}/<name>.json")
    return found

"""From event classes to published files: what is new is written, what fits is left, what breaks is refused (ALL-04)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from event_schemas.base import Event, Json
from event_schemas.compatibility import breaks
from event_schemas.json_schema import schema_of, text_of
from event_schemas.published import Revisions, file_name, freeze


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export would do; with any refusal it does nothing."""

    files: dict[str, str] = field(default_factory=dict)
    """New files, name -> text."""
    refusals: tuple[str, ...] = ()
    """Sentences: event, field, rule, and what to do."""


def plan(events: Iterable[type[Event]], published: Revisions) -> Plan:
    """Compare the classes with what is published; nothing is written."""
    files: dict[str, str] = {}
    refusals: list[str] = []
    for event in events:
        known = published.get(event.TYPE, {})
        revision = max(known, default=0) + 1
        candidate = schema_of(event, revision)
        if known and _same(known[revision - 1], candidate):
            continue
        refused = _refusals(event, known, candidate)
        refusals += refused
        if not refused:
            files[file_name(event.TYPE, revision)] = text_of(candidate)
    return Plan(files, tuple(refusals))


def write(planned: Plan, directory: Path) -> None:
    """Freeze the planned files; all or none of them is decided by the plan, which must be without refusals."""
    if planned.refusals:
        raise ValueError("\n".join(planned.refusals))
    for name, text in planned.files.items():
        freeze(directory, name, text)


def _same(published: Json, candidate: Json) -> bool:
    """Whether the two say the same, apart from prose and order: each takes whatever the other adds, so nothing."""
    return not breaks(published, candidate) and not breaks(candidate, published)


def _refusals(event: type[Event], known: dict[int, Json], candidate: Json) -> list[str]:
    differences = dict.fromkeys(each for published in known.values() for each in breaks(published, candidate))
    rule = "inside a version only optional fields and words of open enumerations may be added"
    return [f"{event.TYPE}: {each}; {rule}: make it version {event.VERSION + 1}" for each in differences]

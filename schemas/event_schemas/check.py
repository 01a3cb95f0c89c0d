"""Every promise of this distribution, checked without writing anything; needs the extra `check` (ALL-04, ALL-05)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from event_schemas.asyncapi import document, is_current
from event_schemas.base import Event, Json
from event_schemas.catalogue import public_events
from event_schemas.consistency import Catalogue, Topics, inconsistencies
from event_schemas.examples import example_files
from event_schemas.export import plan
from event_schemas.json_schema import schema_of
from event_schemas.published import Revisions, edited, incompatible, read_published
from event_schemas.topics import load_topics
from event_schemas.validation import faults


def problems(root: Path) -> Iterator[str]:
    """A sentence for each thing that is wrong in the folders under `root`. Raises TopicError."""
    topics = {topic.topic: topic for topic in load_topics(root / "topics")}
    published, events = read_published(root / "published"), public_events()
    yield from edited(root / "published")
    yield from incompatible(published)
    planned = plan(events.values(), published)
    yield from planned.refusals
    yield from (f"published/{name}: not written yet; run `python -m event_schemas export`" for name in planned.files)
    yield from retired(published, events, topics)
    yield from inconsistencies(events, topics)
    yield from examples(root / "examples", events, published)
    if not is_current(root / "asyncapi.yaml", document(topics, events, root / "examples")):
        yield "asyncapi.yaml: is stale; run `python -m event_schemas asyncapi`"


def retired(published: Revisions, catalogue: Catalogue, topics: Topics) -> Iterator[str]:
    """A published event whose class is gone may not be missed by anybody."""
    for wire_type in published.keys() - catalogue.keys():
        hearers = [s for topic in topics.values() for s, heard in topic.subscribers.items() if wire_type in heard]
        if hearers:
            yield f"{wire_type}: its class is gone and {', '.join(hearers)} still hears it; say it until none does"


def examples(directory: Path, catalogue: Catalogue, published: Revisions) -> Iterator[str]:
    """Each event has a valid example, each example an event."""
    for event in catalogue.values():
        found = example_files(event, directory)
        if not found:
            yield f"examples/{event.TYPE}: no example; write examples/{event.TYPE}/<name>.json"
        for name, value in found.items():
            yield from (f"examples/{event.TYPE}/{name}.json: {fault}" for fault in _faults(event, value, published))
    for path in sorted(directory.iterdir()) if directory.is_dir() else ():
        if path.name not in catalogue:
            yield f"examples/{path.name}: no event is called so; remove it"


def _faults(event: type[Event], value: Json, published: Revisions) -> Iterator[str]:
    """Against the class, both ways, and against every revision that is out there."""
    try:
        said = event.model_validate(value).model_dump(mode="json")
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return
    if not _within(value, said):
        yield f"{event.__name__} would say {said}"
    for schema in (published.get(event.TYPE) or {1: schema_of(event)}).values():
        yield from faults(value, schema)


def _within(value: Any, said: Any) -> bool:
    """Whether everything in the example is said alike; an example may be older than an optional field."""
    if isinstance(value, dict) and isinstance(said, dict):
        return all(name in said and _within(each, said[name]) for name, each in value.items())
    return bool(value == said)

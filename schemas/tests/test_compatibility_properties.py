"""Laws of the compatibility check, over random edits of what is really published."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_schemas.base import Json
from event_schemas.catalogue import public_events
from event_schemas.compatibility import breaks
from event_schemas.examples import examples_of
from event_schemas.folders import folder
from event_schemas.json_schema import without_annotations
from event_schemas.published import read_published
from event_schemas.validation import faults

PUBLISHED = {wire_type: revisions[1] for wire_type, revisions in read_published(folder("published")).items()}
TYPES = st.sampled_from(sorted(PUBLISHED))
SHAPES: list[Any] = [
    {"type": "string"},
    {"type": "integer"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "maxLength": 2},
    {"type": "null"},
    {"enum": ["a", "b"]},
    {"type": "array", "items": {"type": "string"}},
    {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    {"type": "object", "properties": {"inner": {"type": "string"}}, "required": ["inner"]},
]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, Json]:
    """A published event with up to four fields replaced, added, dropped, required or set free."""
    wire_type = draw(TYPES)
    schema = copy.deepcopy(PUBLISHED[wire_type])
    names = st.sampled_from([*schema["properties"], "new_one", "new_two"])
    for _ in range(draw(st.integers(1, 4))):
        name, deed = draw(names), draw(st.sampled_from(["shape", "drop", "require", "free"]))
        if deed == "shape":
            schema["properties"][name] = draw(st.sampled_from(SHAPES))
        elif deed == "drop":
            schema["properties"].pop(name, None)
        elif deed == "require":
            schema["required"] = sorted({*schema["required"], name})
        else:
            schema["required"] = [each for each in schema["required"] if each != name]
    return wire_type, schema


@pytest.mark.requirement("ALL-04")
@given(edited())
def test_what_is_called_compatible_takes_every_example_of_the_published_event(change: tuple[str, Json]) -> None:
    wire_type, schema = change
    if not breaks(PUBLISHED[wire_type], schema):
        for example in examples_of(public_events()[wire_type]):
            assert faults(example, schema) == []


@pytest.mark.requirement("ALL-04")
@given(edited())
def test_a_compatible_change_only_adds_fields_that_nobody_must_send(change: tuple[str, Json]) -> None:
    wire_type, schema = change
    old, new = without_annotations(PUBLISHED[wire_type]), without_annotations(schema)
    only_adds = (
        set(new["required"]) == set(old["required"])
        and {name: new["properties"].get(name) for name in old["properties"]} == old["properties"]
    )

    assert (breaks(PUBLISHED[wire_type], schema) == []) == only_adds


@pytest.mark.requirement("ALL-04")
@given(TYPES, st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.sampled_from(SHAPES)), min_size=2))
def test_a_row_of_optional_additions_stays_compatible_from_the_first_to_the_last(
    wire_type: str, additions: list[tuple[str, Json]]
) -> None:
    revisions = [PUBLISHED[wire_type]]
    for name, shape in additions:
        newer = copy.deepcopy(revisions[-1])
        newer["properties"].setdefault(name, shape)
        revisions.append(newer)

    assert [breaks(old, new) for at, old in enumerate(revisions) for new in revisions[at:]] == [
        [] for at in range(len(revisions)) for _ in revisions[at:]
    ]

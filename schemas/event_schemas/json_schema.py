"""The JSON Schema (2020-12) of an event class, as it is published (ALL-04)."""

import inspect
import json
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from event_schemas.base import Event, Json

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ANNOTATIONS: Final = frozenset({"$id", "$schema", "$comment", "title", "description", "examples", "deprecated"})
"""Words that explain and never decide whether a message is valid."""
NAMED: Final = frozenset({"properties", "$defs"})
"""Words whose own keys are names of fields or definitions, not words of JSON Schema."""


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema_of(event: type[Event], revision: int = 1) -> Json:
    """What is published of an event: serialized form, open for unknown fields.

    `$id` is a urn, `x-key` names the field that is the message key, `x-topic` the topic.
    """
    body = event.model_json_schema(mode="serialization", schema_generator=_Untitled)
    head = {
        "$schema": DIALECT,
        "$id": f"urn:aftercare:event:{event.TYPE}" + (f":r{revision}" if revision > 1 else ""),
        "title": event.__name__,
        "description": inspect.getdoc(event) or "",
        "x-topic": event.TOPIC,
        "x-key": event.KEY,
    }
    return head | {word: value for word, value in body.items() if word not in head}


def text_of(schema: Json) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def without_annotations(node: Any) -> Any:
    """The part of a schema that decides; two schemas equal in it say the same."""
    if isinstance(node, list):
        return [without_annotations(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {word: value for word, value in node.items() if word not in ANNOTATIONS}
    return {
        word: {name: without_annotations(each) for name, each in value.items()}
        if word in NAMED
        else without_annotations(value)
        for word, value in kept.items()
    }

"""Values against JSON Schemas, with every `format` really checked; needs the extra `check`."""

from datetime import datetime
from typing import Final

from jsonschema import Draft202012Validator, FormatChecker

from event_schemas.base import Json

FORMATS: Final = FormatChecker(formats=("date", "uuid"))
"""The formats that our schemas use; jsonschema itself knows date-time only with another package."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_a_moment(value: object) -> bool:
    return not isinstance(value, str) or (datetime.fromisoformat(value).tzinfo is not None and "T" in value)


def faults(value: Json, schema: Json) -> list[str]:
    """What a value has against its schema, each with its place; empty = valid."""
    found = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def check_schema(schema: Json) -> None:
    """Raises jsonschema.SchemaError when a schema is none."""
    Draft202012Validator.check_schema(schema)

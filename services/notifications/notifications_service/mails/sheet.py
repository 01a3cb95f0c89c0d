"""A table that travels with a mail: a CSV file as spreadsheet programs here open it (REG-11)."""

import csv
import io
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from event_schemas import Event

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class File:
    """A file beside the letter."""

    name: str
    content: bytes
    """UTF-8 with a byte order mark, semicolons, CRLF."""


class Sheet(BaseModel):
    """What the file shows: one row for each record in a field of the event."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    rows: str
    """The event's field."""
    columns: tuple[tuple[str, str], ...]
    """Each column's title and the record's field."""

    def filled(self, event: Event) -> File:
        """The file of an event; raises AttributeError for a field that is not there."""
        text = io.StringIO()
        lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
        lines.writerow(title for title, _ in self.columns)
        for record in getattr(event, self.rows):
            lines.writerow(_cell(str(getattr(record, field))) for _, field in self.columns)
        return File(self.name, text.getvalue().encode("utf-8-sig"))


def _cell(value: str) -> str:
    """A spreadsheet takes a text that starts like a formula for one; an apostrophe keeps it a text."""
    return f"'{value}" if value.startswith(_FORMULA) else value

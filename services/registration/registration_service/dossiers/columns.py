"""Which column is which, whatever a file calls it, and what its cells mean (REG-19, REG-21; D15 to D24)."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

_KNOWN: Final[Mapping[str, Any]] = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
COLUMNS: Final = tuple(_KNOWN)
"""Every column that counts, in the order of the template."""
MANDATORY: Final = tuple(name for name, told in _KNOWN.items() if not told.get("optional"))
DATE_FORMS: Final = "DD/MM/YYYY, YYYY-MM-DD"
_DAY_FIRST: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TEXT_FORMULA: Final = re.compile(r'="([^"]*)"')
_LINES: Final = re.compile(r"\s*[\r\n]+\s*")


def plain(name: str) -> str:
    """A name without case, accents, blanks and signs."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in parts if sign.isalnum())


_COLUMN_OF: Final = MappingProxyType({plain(name): column for column in COLUMNS for name in _KNOWN[column]["names"]})
_MEANT: Final = MappingProxyType(
    {
        column: {plain(word): value for value, words in told["values"].items() for word in words}
        for column, told in _KNOWN.items()
        if "values" in told
    }
)


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A mandatory column that a header lacks."""

    column: str
    accepted: tuple[str, ...]
    """What it may be called."""


@dataclass(frozen=True, slots=True)
class RepeatedColumn:
    """A column that a header has twice."""

    column: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What a file calls its columns, and where they stand."""

    headings: tuple[str, ...]
    places: Mapping[str, int]
    """Of the columns that count."""

    def heading(self, column: str) -> str:
        """What the file calls a column; the template's name for one that it lacks."""
        place = self.places.get(column)
        return column if place is None else self.headings[place].strip()

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The meaning of the cells that count and say something."""
        told = {column: meaning(column, row[place]) for column, place in self.places.items() if place < len(row)}
        return {column: text for column, text in told.items() if text}

    def overflows(self, row: Sequence[str]) -> bool:
        """Whether something stands beyond the last column: an unquoted delimiter has shifted the cells."""
        return any(cell.strip() for cell in row[len(self.headings) :])


def header_of(headings: Sequence[str]) -> Header | MissingColumn | RepeatedColumn:
    """Recognise the columns of a header, in any order."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        column = _COLUMN_OF.get(plain(heading))
        if column in places:
            return RepeatedColumn(column, (headings[places[column]].strip(), heading.strip()))
        if column:
            places[column] = place
    for column in MANDATORY:
        if column not in places:
            return MissingColumn(column, tuple(_KNOWN[column]["names"]))
    return Header(tuple(headings), places)


def recognised(headings: Sequence[str]) -> int:
    """How many headings are those of columns that count."""
    return sum(plain(heading) in _COLUMN_OF for heading in headings)


def meaning(column: str, cell: str) -> str:
    """What a cell says: without what spreadsheets wrap around it, and words of a list as the form knows them."""
    text = cell.strip()
    if wrapped := _TEXT_FORMULA.fullmatch(text):
        text = wrapped.group(1).strip()
    text = text.removeprefix("'").strip()
    if "\n" in text or "\r" in text:
        text = _LINES.sub(", " if column == "address" else " ", text)
    if column in _MEANT:
        return str(_MEANT[column].get(plain(text), text))
    return text


def day_of(text: str) -> date | None:
    """A day as DD/MM/YYYY or YYYY-MM-DD; never month first. None for anything else."""
    try:
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None

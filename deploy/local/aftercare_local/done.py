"""Remembers steps that need not be done again, so that a stack that was up before starts faster."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from aftercare_local.home import write_whole


def files_of(package: str, *patterns: str) -> list[Path]:
    """The files of a package that match, in a fixed order; none when it is not installed."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    if not places:
        return []
    return sorted(file for pattern in patterns for file in Path(places[0]).glob(pattern) if file.is_file())


@dataclass(frozen=True, slots=True)
class Done:
    """A note, kept beside the data it is about, of what a step was last done with; no place: always again."""

    place: Path | None

    def covers(self, sources: list[Path]) -> bool:
        """Whether the step was done with exactly these files."""
        return self.place is not None and self.place.exists() and self.place.read_text() == _sum_of(sources)

    def note(self, sources: list[Path]) -> None:
        if self.place is not None:
            write_whole(self.place, _sum_of(sources))


@dataclass(frozen=True, slots=True)
class DatabaseToMake:
    """A database that a service needs: on which server, with which password, and what is remembered of it."""

    server: Callable[[], str]
    password: str
    done: Done


def _sum_of(sources: list[Path]) -> str:
    total = hashlib.sha256()
    for file in sources:
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()

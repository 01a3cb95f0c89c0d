"""A sixth brand from files alone, and wrong ones: what a test puts where `AFTERCARE_POLICIES` points (POL-01, POL-02).

shelf.load("tickets")                                              the sixth brand beside the shipped ones
shelf.load("tickets", ('"repair", ', ""))                          with something else in its file
shelf.refuses("tickets", ('"repair"', '"repairs"'), "forms.0", "'repair' or 'return'")
ended = shelf.start("tickets", ('"repair"', '"repairs"'))          what the real process says
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.architecture.tree import description

from chassis.policies import InvalidPolicy, PolicyBook

SIXTH: Final = "acme"
FILES: Final = Path(__file__).with_name("sixth_brand")
"""The sixth brand's files, one for each service, as `AFTERCARE_POLICIES` takes them."""
Change = tuple[str, str]


def text_of(service: str, *changes: Change) -> str:
    """The sixth brand's file of a service; in each change, what it says now and what it is to say instead."""
    text = (FILES / service / f"{SIXTH}.toml").read_text(encoding="utf-8")
    for right, wrong in changes:
        assert right in text, f"{service}: {right!r} is not there to be changed"
        text = text.replace(right, wrong, 1)
    return text


class Shelf:
    """A directory of a test's own with more brands; whatever was loaded from it is forgotten at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: list[PolicyBook[Any]] = []

    def put(self, service: str, *changes: Change, text: str = "", brand: str = SIXTH) -> Path:
        """Write a service's file: the sixth brand's with changes, or any text; returns the directory."""
        file = self.folder / service / f"{brand}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text or text_of(service, *changes), encoding="utf-8")
        return self.folder

    def load(self, service: str, *changes: Change) -> None:
        """Let a service of this process know the brand; raises InvalidPolicy."""
        book = description(service).policies
        self._loaded.append(book)
        book.load(self.put(service, *changes))

    def refuses(self, service: str, change: Change, field: str, reason: str) -> None:
        """The changed file is refused with a line that names file and field and has the reason in it."""
        with pytest.raises(InvalidPolicy) as refused:
            self.load(service, change)
        start = f"{self.folder / service / SIXTH}.toml: {field}: "
        told = [line for line in str(refused.value).splitlines() if line.startswith(start)]
        assert any(reason in line for line in told), str(refused.value)

    def start(self, service: str, *changes: Change) -> "subprocess.CompletedProcess[str]":
        """Start the real process with the changed file, and wait until it has given up."""
        folder = self.put(service, *changes)
        told = {"DATABASE_URL": "postgresql://127.0.0.1:9/none", "KAFKA": "127.0.0.1:9", "POLICIES": str(folder)}
        return subprocess.run(
            [sys.executable, "-m", f"{service}_service", "api"],
            env={**os.environ, **{f"AFTERCARE_{name}": value for name, value in told.items()}},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def clear(self) -> None:
        """Back to the shipped brands."""
        for book in self._loaded:
            book.load()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty shelf."""
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.clear()

"""The checkout as the architecture tests see it: files by room, their syntax trees, the services' own descriptions."""

import ast
import importlib
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from chassis.service import Service

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("registration", "activation", "tickets", "notifications", "credits")
BRANDS: Final = ("dynabook", "d-link", "samsung-belux", "ibm", "carri")


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """Files that git tracks or would track, by pattern, e.g. `*.py`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


def is_test(file: Path) -> bool:
    """Whether a Python file belongs to some tests."""
    return "tests" in file.relative_to(ROOT).parts or file.name == "conftest.py"


def sources() -> Iterator[Path]:
    """Every Python file that is not a test."""
    return (file for file in tracked("*.py") if not is_test(file))


@cache
def syntax(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def shown(file: Path) -> str:
    """A path as it stands in the checkout."""
    return str(file.relative_to(ROOT))


def package_of(service: str) -> Path:
    """The folder of a service's package."""
    return ROOT / "services" / service / f"{service}_service"


def capabilities(service: str) -> list[Path]:
    """The capability folders of a service: those that have handlers or an api."""
    return sorted(folder for folder in package_of(service).iterdir() if (folder / "__init__.py").exists())


@cache
def description(service: str) -> Service:
    """The SERVICE object of a service."""
    found = importlib.import_module(f"{service}_service.__main__").SERVICE
    assert isinstance(found, Service)
    return found

"""What the tests of the law share: a copy of it to change, and room for events that are no part of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from event_schemas.base import CATALOGUE
from event_schemas.folders import PACKAGE


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """A copy of topics, published schemas, examples and the AsyncAPI document."""
    for name in ("topics", "published", "examples"):
        shutil.copytree(PACKAGE.parent / name, tmp_path / name)
    shutil.copy(PACKAGE.parent / "asyncapi.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def empty_catalogue() -> Iterator[None]:
    """Events declared in the test take the place of the real ones, and leave again."""
    kept = dict(CATALOGUE)
    CATALOGUE.clear()
    yield
    CATALOGUE.clear()
    CATALOGUE.update(kept)

"""Where the files of the law lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `topics`, `published` or `examples`; a wheel carries only `topics`."""
    shipped = PACKAGE / "shipped" / name
    return shipped if shipped.is_dir() else PACKAGE.parent / name

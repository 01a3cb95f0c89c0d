"""The published schemas: files that are written once and frozen (ALL-04).

`<type>.v<N>.schema.json` is a version's first revision, `<type>.v<N>.r2.schema.json` adds optional fields to it.
`frozen.sha256` has the sum of each, in the format of `sha256sum --check`.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Final

from event_schemas.base import Json
from event_schemas.compatibility import breaks

MANIFEST: Final = "frozen.sha256"
NAME: Final = re.compile(r"(?P<type>[a-z.]+\.v[0-9]+)(?:\.r(?P<revision>[0-9]+))?\.schema\.json")

Revisions = dict[str, dict[int, Json]]
"""Wire type -> revision -> schema."""


def file_name(wire_type: str, revision: int) -> str:
    """The name of a revision's file."""
    return f"{wire_type}.r{revision}.schema.json" if revision > 1 else f"{wire_type}.schema.json"


def read_published(directory: Path) -> Revisions:
    """Every published schema, by wire type and revision, oldest first."""
    found: Revisions = {}
    for file in directory.glob("*.schema.json"):
        if name := NAME.fullmatch(file.name):
            schema = json.loads(file.read_text(encoding="utf-8"))
            found.setdefault(name["type"], {})[int(name["revision"] or 1)] = schema
    return {wire_type: dict(sorted(found[wire_type].items())) for wire_type in sorted(found)}


def freeze(directory: Path, name: str, text: str) -> None:
    """Write a new file and enter its sum; a file that is there already is an error, never overwritten."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / name).open("x", encoding="utf-8") as file:
        file.write(text)
    with (directory / MANIFEST).open("a", encoding="utf-8") as manifest:
        manifest.write(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n")


def edited(directory: Path) -> Iterator[str]:
    """A sentence for each file that is not what was frozen: changed, deleted, or put there by hand."""
    frozen = _manifest(directory)
    present = {file.name: file for file in directory.iterdir() if file.name != MANIFEST} if directory.is_dir() else {}
    for name in sorted(frozen.keys() | present.keys()):
        if name not in present:
            yield f"published/{name}: is frozen and was deleted; restore it"
        elif name not in frozen:
            yield f"published/{name}: was not written by export ({MANIFEST} does not know it); remove it"
        elif hashlib.sha256(present[name].read_bytes()).hexdigest() != frozen[name]:
            yield f"published/{name}: is frozen and was edited; restore it and change the event class instead"


def incompatible(revisions: Revisions) -> Iterator[str]:
    """A sentence for each pair of revisions of one version that breaks a program that knows the other."""
    for wire_type, by_revision in revisions.items():
        for (earlier, old), (later, new) in combinations(by_revision.items(), 2):
            for difference in breaks(old, new):
                yield f"{wire_type}: revision {later} does not go with revision {earlier}: {difference}"


def _manifest(directory: Path) -> dict[str, str]:
    if not (directory / MANIFEST).is_file():
        return {}
    lines = (directory / MANIFEST).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}

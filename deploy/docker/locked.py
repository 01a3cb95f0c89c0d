#!/usr/bin/env python3
"""Prints the entries of requirements.lock that some distributions need, for `pip install --require-hashes`.

`python locked.py NAME-OR-PYPROJECT… [--without NAME]…`: a name is a package; of a pyproject.toml its dependencies are
meant. pip's own resolver finds what those need on this platform, held to the lock's versions; nothing is installed.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

ENTRY: Final = re.compile(r"^(([a-z0-9-]+)==[^\\\n]+)\\\n(?: +--hash=[^\n]+\n?)+", re.MULTILINE)
OURS: Final = re.compile(r"aftercare-")


def roots(asked: list[str], without: list[str]) -> Iterator[str]:
    """What is asked for directly, without our own distributions."""
    for one in asked:
        named = tomllib.loads(Path(one).read_text())["project"]["dependencies"] if one.endswith(".toml") else [one]
        yield from (need for need in named if not OURS.match(need) and bare(need) not in without)


def bare(requirement: str) -> str:
    """The canonical name in a requirement such as `psycopg[binary]>=3.2`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


def resolved(wanted: list[str], pins: str) -> set[str]:
    """The names of everything that the wanted packages need."""
    with NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write(pins)
        constraints.flush()
        options = ("--dry-run", "--ignore-installed", "--quiet", "--only-binary", ":all:", "--report", "-")
        argv = (sys.executable, "-m", "pip", "install", *options, "--constraint", constraints.name, *wanted)
        report = json.loads(subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout)
    return {bare(package["metadata"]["name"]) for package in report["install"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asked", nargs="+")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--lock", type=Path, default=Path("requirements.lock"))
    given = parser.parse_args()
    entries = list(ENTRY.finditer(given.lock.read_text()))
    needed = resolved(list(roots(given.asked, given.without)), "\n".join(entry[1] for entry in entries))
    if missing := needed - {entry[2] for entry in entries}:
        raise SystemExit(f"{given.lock} has no entry for {', '.join(sorted(missing))}; run `make lock`.")
    print("".join(entry.group() for entry in entries if entry[2] in needed))


if __name__ == "__main__":
    main()

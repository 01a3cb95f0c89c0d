"""logs: what every program writes, merged by time, each in its colour."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from aftercare_local.cli.shown import colour_of, escape, here, out
from aftercare_local.program import tail
from aftercare_local.trouble import Trouble

Names = Annotated[list[str] | None, typer.Argument(help="Programs; all of them when none is named.")]
KNOWN = ("timestamp", "level", "event", "logger")


def logs(
    names: Names = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
    lines: Annotated[int, typer.Option("-n", help="So many last lines of each.", min=0, max=10_000)] = 20,
) -> None:
    """Show what the programs write."""
    files = _files(names or [])
    width, known = max(map(len, files)), sorted(files)
    for name, line in _last(files, lines):
        _print(name, line, width, known)
    if follow:
        for name, line in _following(files):
            _print(name, line, width, known)


def _files(names: list[str]) -> dict[str, Path]:
    home, _ = here()
    files = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if not files:
        raise Trouble("There are no logs yet. `aftercare up` starts the programs that write them.")
    if unknown := [name for name in names if name not in files]:
        raise Trouble(f"No log of {unknown[0]!r}. There are: {', '.join(files)}.")
    return {name: path for name, path in files.items() if not names or name in names}


def _last(files: dict[str, Path], lines: int) -> list[tuple[str, str]]:
    """The last lines of all files in order of time; a line without a time belongs to the one before it."""
    found = []
    for name, path in files.items():
        stamp = ""
        for line in tail(path, lines).splitlines() if lines else []:
            stamp = stamp_of(line) or stamp
            found.append((stamp, name, line))
    return [(name, line) for _, name, line in sorted(found, key=lambda row: row[0])]


def stamp_of(line: str) -> str:
    """The time that a line starts with, or names as timestamp, in a form that sorts; empty when it has none."""
    if line.startswith("{"):
        try:
            return str(json.loads(line).get("timestamp", ""))[:23].replace("T", " ")
        except ValueError:
            return ""
    return line[:23].replace("T", " ") if line[:2] == "20" and line[4:5] == "-" else ""


def _following(files: dict[str, Path]) -> Iterator[tuple[str, str]]:
    places = {name: path.stat().st_size for name, path in files.items()}
    while True:
        for name, path in files.items():
            size = path.stat().st_size if path.exists() else 0
            with path.open("rb") as file:
                file.seek(places[name] if size >= places[name] else 0)  # a smaller file is a new one
                written = file.read()
            whole = written[: written.rfind(b"\n") + 1]
            places[name] = (places[name] if size >= places[name] else 0) + len(whole)
            yield from ((name, line) for line in whole.decode(errors="replace").splitlines())
        time.sleep(0.1)


def readable(line: str) -> str:
    """A structured line as people read it: time, level, event, then the rest as key=value."""
    try:
        entry = json.loads(line) if line.startswith("{") else None
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or "event" not in entry:
        return line
    rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in KNOWN)
    return f"{str(entry.get('timestamp', ''))[11:23]} {entry.get('level', ''):7} {entry['event']} {rest}".rstrip()


def _print(name: str, line: str, width: int, known: list[str]) -> None:
    out.print(f"[{colour_of(name, known)}]{name:{width}}[/] {escape(readable(line))}")


def add_to(app: typer.Typer) -> None:
    app.command()(logs)

"""How commands speak: two consoles, one colour a program, tables of states."""

import json
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from aftercare_local.home import Home
from aftercare_local.settings import LocalSettings
from aftercare_local.state import SETTLED, ProgramState, StackState
from aftercare_local.trouble import Trouble

out: Final = Console(highlight=False, soft_wrap=True)
progress: Final = Console(stderr=True, highlight=False)
COLOURS: Final = (
    "cyan",
    "magenta",
    "green",
    "yellow",
    "blue",
    "bright_red",
    "bright_cyan",
    "bright_magenta",
    "bright_green",
)
PHASE_COLOURS: Final = {"ready": "green", "done": "green", "failed": "red", "restarting": "red", "unready": "yellow"}


def complain(text: str) -> None:
    first, _, rest = text.partition("\n")
    progress.print(f"[bold red]✗[/] {escape(first)}")
    if rest:
        progress.print(escape(rest), style="dim")


def escape(text: str) -> str:
    return text.replace("[", "\\[")


def colour_of(name: str, names: list[str]) -> str:
    return COLOURS[names.index(name) % len(COLOURS)]


def here() -> tuple[Home, LocalSettings]:
    """The settings of this call and the directory of its stack."""
    try:
        settings = LocalSettings()
    except ValidationError as error:
        lines = (f"AFTERCARE_{e['loc'][0]}".upper() + f"={e['input']}: {e['msg']}" for e in error.errors())
        raise Trouble("\n".join(lines)) from None
    return Home(settings.home.resolve()), settings


def print_json(value: object) -> None:
    out.print_json(json.dumps(value, default=str), highlight=out.is_terminal)


def states(state: StackState) -> Table:
    """The programs of a stack as a table: what runs, since when, where."""
    table = Table(box=None, pad_edge=False)
    for title in ("program", "state", "for", "restarts", "process", "address"):
        table.add_column(title, style="dim" if title in ("process", "restarts") else None)
    for one in state.programs:
        if not (one.once and one.phase == "done"):
            table.add_row(*_row(one))
    return table


def _row(one: ProgramState) -> tuple[str, ...]:
    phase = f"[{PHASE_COLOURS.get(one.phase, 'white')}]{one.phase}[/]"
    detail = escape(one.detail.partition("\n")[0])
    shown = f"{phase} {detail}" if detail and one.phase not in SETTLED else phase
    return one.name, shown, age(one.since), str(one.restarts or ""), str(one.pid or ""), one.url


def age(since: str) -> str:
    """How long ago a moment was, e.g. 5 s, 3 min, 2 h."""
    if not since:
        return ""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"

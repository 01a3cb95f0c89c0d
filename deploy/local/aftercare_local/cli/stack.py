"""up, down, status, reset: the life of the stack."""

import shutil
import time
from typing import Annotated, Any

import typer
from rich.live import Live

from aftercare_local import control
from aftercare_local.catalogue import await_catalogue
from aftercare_local.cli.shown import here, out, print_json, progress, states
from aftercare_local.state import StackState, read_state
from aftercare_local.trouble import Trouble

Only = Annotated[
    list[str] | None, typer.Option("--only", help="Start just this program and what it needs; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
TIMEOUT = 180.0
ORPHANED = (
    "The supervisor was killed, its programs still run. `aftercare down` stops them, `aftercare up` starts afresh."
)


def up(
    only: Only = None, json: Json = False, timeout: Annotated[float, typer.Option(help="Seconds to wait.")] = TIMEOUT
) -> None:
    """Start everything in the background and wait until it works."""
    home, settings = here()
    began = time.monotonic()
    control.start_stack(home, settings, only or ())
    try:
        state = _watched(timeout)
        if {"registration", "activation"} <= {one.name for one in state.programs}:
            await_catalogue(settings.port_of("registration"), max(5, began + timeout - time.monotonic()))
    except Trouble:
        if control.running(home):
            progress.print("[dim]stopping again[/]")
            control.stop_stack(home)
        raise
    if json:
        print_json(as_json(state))
        return
    progress.print(f"[bold green]✓[/] up after {time.monotonic() - began:.1f} s")
    for name, url in links(state).items():
        out.print(f"  {name:14} {url}")
    progress.print("[dim]aftercare status · logs -f · listen · clock advance 2d · down[/]")


def _watched(timeout: float) -> StackState:
    home, _ = here()
    with Live(console=progress, transient=True, refresh_per_second=8) as live:
        told: dict[str, str] = {}

        def tell(state: StackState) -> None:
            live.update(states(state))
            if not progress.is_terminal:
                _tell_plainly(state, told)

        return control.await_up(home, timeout, tell)


def _tell_plainly(state: StackState, told: dict[str, str]) -> None:
    """Without a terminal: one line for each program that moves on."""
    for one in state.programs:
        text = one.detail.partition("\n")[0].split(":")[0] if one.phase == "preparing" else one.phase
        if text and one.phase != "waiting" and told.get(one.name) != text:
            told[one.name] = text
            progress.print(f"  {one.name}: {text}", markup=False)


def down(json: Json = False) -> None:
    """Stop everything; nothing stays running, the data is kept."""
    home, _ = here()
    with progress.status("stopping"):
        was_up = control.stop_stack(home)
    if json:
        print_json({"stopped": was_up})
    else:
        progress.print(
            "[bold green]✓[/] stopped; `aftercare up` goes on where it was" if was_up else "nothing was running"
        )


def status(json: Json = False) -> None:
    """Show what runs. Ends with code 1 unless everything works."""
    home, _ = here()
    state = control.running(home)
    if json:
        print_json(as_json(state))
    elif state:
        out.print(states(state))
    else:
        orphaned = read_state(home) is not None
        out.print(ORPHANED if orphaned else "Not running. `aftercare up` starts it.")
    raise typer.Exit(0 if state and state.is_up else 1)


def reset(yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Stop everything and delete all data, mails, keys and logs of this stack."""
    home, _ = here()
    if not yes:
        typer.confirm(f"Delete everything in {home.root}?", abort=True)
    control.stop_stack(home)
    for path in home.root.glob("*"):
        if path.is_dir() and path != home.cache:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
    progress.print("[bold green]✓[/] empty; `aftercare up` starts from nothing")


def links(state: StackState) -> dict[str, str]:
    """What a browser can open."""
    found = {one.name: f"{one.url}/docs" for one in state.programs if one.url and one.name != "mail"}
    mails = [("mails", one.url) for one in state.programs if one.name == "mail"]
    return dict(mails) | found


def as_json(state: StackState | None) -> dict[str, Any]:
    programs = state.programs if state else []
    return {
        "up": bool(state and state.is_up),
        "supervisor_pid": state.supervisor_pid if state else None,
        "programs": [{"name": p.name, "state": p.phase, "since": p.since, "pid": p.pid, "restarts": p.restarts,
                      "url": p.url or None, "detail": p.detail} for p in programs],
    }  # fmt: skip


def add_to(app: typer.Typer) -> None:
    for command in (up, down, status, reset):
        app.command()(command)

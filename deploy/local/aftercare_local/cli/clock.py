"""clock: move the time of the stack; nothing but its services notices."""

from typing import Annotated

import typer

from aftercare_local import clock as stack_clock
from aftercare_local.cli.shown import here, out, print_json
from aftercare_local.cli.stack import Json

app = typer.Typer(help="Move the time of the stack, never that of the machine.", no_args_is_help=True)
NEGATIVE = {"ignore_unknown_options": True}


def _show(json: bool) -> None:
    home, _ = here()
    now, ahead = stack_clock.now(home), stack_clock.offset(home)
    if json:
        print_json({"now": now.isoformat(), "offset_seconds": ahead})
    else:
        out.print(f"{now:%Y-%m-%d %H:%M:%S} UTC, {ahead / 86400:+.2f} days from real time")


@app.command()
def show(json: Json = False) -> None:
    """Say what the stack takes for the present."""
    _show(json)


@app.command(context_settings=NEGATIVE)
def advance(step: Annotated[str, typer.Argument(help="2d, 36h, 90m, 10s; -1d goes back.")], json: Json = False) -> None:
    """Move the clock by a step."""
    stack_clock.advance(here()[0], step)
    _show(json)


@app.command("set")
def set_to(
    moment: Annotated[str, typer.Argument(help="2026-12-01 or 2026-12-01T09:30:00Z, or `real`.")], json: Json = False
) -> None:
    """Move the clock to a moment, or back to real time."""
    home, _ = here()
    if moment == "real":
        home.clock.unlink(missing_ok=True)
    else:
        stack_clock.set_to(home, moment)
    _show(json)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="clock")

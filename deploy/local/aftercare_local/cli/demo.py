"""demo: the whole stack and the main job on it, for eyes."""

import asyncio

import typer

from aftercare_local import control
from aftercare_local.cli import stack
from aftercare_local.cli.shown import here, out, progress
from aftercare_local.settings import LocalSettings
from aftercare_local.state import StackState
from aftercare_local.trouble import Trouble


def demo() -> None:
    """Start everything that is not running and play the main job step by step; the stack stays up."""
    from aftercare_local.demo.story import play

    home, settings = here()
    state = control.running(home)
    if state is None or not state.is_up:
        stack.up()
        state = control.running(home)
    require_same_ports(state, settings)
    seconds = asyncio.run(play(home, settings))
    progress.print(f"\n[bold green]✓[/] the main job took {seconds:.1f} s")
    out.print("\nStill running:")
    for name, url in stack.links(state).items() if state else ():
        out.print(f"  {name:14} {url}")
    progress.print("[dim]aftercare listen · status · logs -f · clock advance 2d · down[/]")


def require_same_ports(state: StackState | None, settings: LocalSettings) -> None:
    """Raise Trouble when the stack was started with other ports than this call is told."""
    for one in state.programs if state else ():
        expected = settings.mail_port if one.name == "mail" else getattr(settings, f"{one.name}_port", None)
        if one.url and expected and not one.url.endswith(f":{expected}"):
            raise Trouble(
                f"The running stack has {one.name} at {one.url}, this call expects port {expected}. "
                "Set the same AFTERCARE_…_PORT variables as for `up`, or stop it first: aftercare down."
            )


def add_to(app: typer.Typer) -> None:
    app.command()(demo)

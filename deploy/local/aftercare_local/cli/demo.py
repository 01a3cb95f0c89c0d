"""demo: the whole stack and the main job on it, for eyes."""

import asyncio

import typer

from aftercare_local import control
from aftercare_local.cli import stack
from aftercare_local.cli.shown import here, out, progress


def demo() -> None:
    """Start everything that is not running and play the main job step by step; the stack stays up."""
    from aftercare_local.demo.story import play

    home, settings = here()
    state = control.running(home)
    if state is None or not state.is_up:
        stack.up()
        state = control.running(home)
    seconds = asyncio.run(play(home, settings))
    progress.print(f"\n[bold green]✓[/] the main job took {seconds:.1f} s")
    out.print("\nStill running:")
    for name, url in stack.links(state).items() if state else ():
        out.print(f"  {name:14} {url}")
    progress.print("[dim]aftercare listen · status · logs -f · clock advance 2d · down[/]")


def add_to(app: typer.Typer) -> None:
    app.command()(demo)

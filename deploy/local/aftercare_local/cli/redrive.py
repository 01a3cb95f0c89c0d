"""redrive: give the dead letters of a service another try."""

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from aftercare_local.cli.shown import here
from aftercare_local.plan import told
from aftercare_local.settings import SERVICES
from aftercare_local.trouble import Trouble


def redrive(
    context: typer.Context, service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
) -> None:
    """Run what a service has set aside again; further options go to `python -m <service>_service redrive`."""
    if service not in SERVICES or find_spec(f"{service}_service") is None:
        raise Trouble(f"There is no service {service!r}. Known: {', '.join(SERVICES)}.")
    home, settings = here()
    command = (sys.executable, "-m", f"{service}_service", "redrive", *context.args)
    done = subprocess.run(command, env={**os.environ, **told(home, settings, service)}, check=False)
    raise typer.Exit(done.returncode)


def add_to(app: typer.Typer) -> None:
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(redrive)

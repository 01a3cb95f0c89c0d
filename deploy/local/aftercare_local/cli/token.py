"""token: access tokens for trying the services."""

from datetime import timedelta
from typing import Annotated

import typer

from aftercare_local import tokens
from aftercare_local.cli.shown import here
from aftercare_local.clock import seconds_of


def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(tokens.ROLES)}.")],
    subject: Annotated[str | None, typer.Option(help="Who; <role>@example.org unless said.")] = None,
    organisation: Annotated[str | None, typer.Option(help="The caller's organisation.")] = None,
    brand: Annotated[str | None, typer.Option(help="The only brand the caller acts for.")] = None,
    lifetime: Annotated[str, typer.Option(help="How long it is valid: 12h, 30m; -1h is expired.")] = "12h",
) -> None:
    """Print a signed token of a role, for `Authorization: Bearer …`."""
    valid = timedelta(seconds=seconds_of(lifetime))
    print(tokens.issue(here()[0], role, subject=subject, organisation=organisation, brand=brand, lifetime=valid))


def add_to(app: typer.Typer) -> None:
    app.command()(token)

"""token: access tokens for trying the services."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from aftercare_local import tokens
from aftercare_local.cli.shown import here
from aftercare_local.clock import seconds_of
from event_schemas.roles import ROLES


def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    subject: Annotated[str | None, typer.Option(help="Who; <role>@example.org unless said.")] = None,
    organisation: Annotated[UUID | None, typer.Option(help="The caller's organisation.")] = None,
    brand: Annotated[str | None, typer.Option(help="The only brand the caller acts for.")] = None,
    contact: Annotated[UUID | None, typer.Option(help="The caller as a person, as products name customers.")] = None,
    lifetime: Annotated[str, typer.Option(help="How long it is valid: 12h, 30m; -1h is expired.")] = "12h",
) -> None:
    """Print a signed token of a role, for `Authorization: Bearer …`."""
    valid = timedelta(seconds=seconds_of(lifetime))
    claims = {"organisation": _text(organisation), "brand": brand, "contact": _text(contact)}
    print(tokens.issue(here()[0], role, subject=subject, lifetime=valid, **claims))


def _text(identity: UUID | None) -> str | None:
    return str(identity) if identity else None


def add_to(app: typer.Typer) -> None:
    app.command()(token)

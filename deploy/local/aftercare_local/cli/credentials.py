"""credentials: how an outside system signs in at the broker."""

from typing import Annotated

import typer

from aftercare_local.cli.shown import here
from aftercare_local.plan import partners
from aftercare_local.trouble import Trouble


def credentials(
    partner: Annotated[str, typer.Argument(help="Which outside system: logistics, repair-centres.")],
) -> None:
    """Print the Kafka password of an outside system, which signs in on port 19094 under its own name."""
    known = partners(*here()).passwords
    if partner not in known:
        raise Trouble(f"There is no partner {partner!r}. Known: {', '.join(known)}.")
    print(known[partner])


def add_to(app: typer.Typer) -> None:
    app.command()(credentials)

"""The `aftercare` command. Answers go to standard output, progress and complaints to standard error.

Exit codes: 0 done, 1 something stands in the way (the text says what and how to get past it), 2 wrong use.
"""

import typer

from aftercare_local import control
from aftercare_local.cli import clock, credentials, demo, doctor, listen, logs, redrive, stack, token
from aftercare_local.cli.shown import complain, here
from aftercare_local.trouble import Trouble

app = typer.Typer(
    help="The whole Aftercare system on this machine.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for room in (stack, demo, logs, listen, clock, token, credentials, redrive, doctor):
    room.add_to(app)


def main() -> None:
    """Run the command; what stands in the way is told in a sentence, without a stack trace."""
    try:
        app()
    except Trouble as trouble:
        complain(str(trouble))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        if control.running(here()[0]):
            complain("Interrupted. The stack goes on in the background; `aftercare down` stops it.")
        raise SystemExit(130) from None

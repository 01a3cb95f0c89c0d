"""Whether an answer of a repair centre can be applied at all, and which step of a ticket it is.

An accepted return without GRMS number opens a credit that nobody could look up, a refused one without reason tells the
customer nothing, an outcome that we do not know has no step: such a message is invalid. It is not dropped (money hangs
on it) but set aside as a dead letter, where the later messages of its ticket wait behind it until it is dealt with.
"""

from collections.abc import Mapping
from typing import Final

from event_schemas.service_centre import RepairOutcome, RepairReported, ReturnAssessed
from tickets_service.tickets.domain import Progress

_STEPS: Final[Mapping[RepairOutcome, Progress]] = {
    RepairOutcome.REPAIRED: Progress.REPAIRED,
    RepairOutcome.NOT_REPAIRABLE: Progress.NOT_REPAIRABLE,
}


class InvalidAnswer(ValueError):
    """A message that cannot be applied; the text names field, value and what would be accepted."""


def step_of_repair(event: RepairReported) -> Progress:
    """How the repair ended; raises InvalidAnswer for a word that is not known here."""
    step = _STEPS.get(event.outcome)
    if step is None:
        raise InvalidAnswer(f"{event.TYPE}: /outcome: {str(event.outcome)!r}; accepted: {', '.join(_STEPS)}")
    return step


def grms_number_of(event: ReturnAssessed) -> str:
    """The number of an accepted return; raises InvalidAnswer without one."""
    return _needed(event, "grms_number", event.grms_number, "the number of the accepted return")


def reason_of(event: ReturnAssessed) -> str:
    """The reason of a refused return; raises InvalidAnswer without one."""
    return _needed(event, "reason", event.reason, "the reason of the refusal")


def _needed(event: ReturnAssessed, field: str, value: str | None, accepted: str) -> str:
    text = (value or "").strip()
    if not text:
        raise InvalidAnswer(f"{event.TYPE}: /{field}: {value!r}; accepted: {accepted}")
    return text

"""How long a code can be used, and when its buyer is warned (ACT-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from activation_service.policy import Policy
from event_schemas.activation import CodeLapsed, CodeLapsing

WARNED_AT: Final = time(9)
"""Of the brand's day."""


@dataclass(frozen=True, slots=True)
class Code:
    """A certificate that was bought; its number, the code itself, is not known here."""

    certificate_id: UUID
    order_id: UUID
    brand: str
    buyer_id: UUID
    case_number: str
    service_reference: str
    service_name: str
    """In the brand's language."""
    quantity: int
    purchased_on: date
    lapses_on: date | None
    """Last day on which it can be used, inclusive; none: it never lapses."""
    confirmed_at: datetime
    warned_days: int | None = None
    """The latest warning that was said: so many days before the last one."""
    lapse_said: bool = False

    def lapsing(self, units_left: int) -> CodeLapsing:
        """The fact that it can be used for a few more days."""
        return CodeLapsing(**self._told(units_left))

    def lapsed(self, units_left: int) -> CodeLapsed:
        """The fact that it cannot be used any more."""
        return CodeLapsed(**self._told(units_left))

    def _told(self, units_left: int) -> dict[str, Any]:
        names = CodeLapsed.model_fields.keys() - {"units_left"}
        return {name: getattr(self, name) for name in names} | {"units_left": units_left}


def last_day_of_use(purchased_on: date, code_days: int | None) -> date | None:
    """The last day, inclusive, of so many days from the purchase; none: it never lapses."""
    return None if code_days is None else purchased_on + timedelta(days=code_days)


def lapse_moment(lapses_on: date, policy: Policy) -> datetime:
    """The start of the day after the last one where the brand is; aware."""
    return datetime.combine(lapses_on + timedelta(days=1), time(), policy.time_zone)


def warning_moment(lapses_on: date, days: int, policy: Policy) -> datetime:
    """When a warning of so many days before the last one is due: nine in the morning where the brand is; aware."""
    return datetime.combine(lapses_on - timedelta(days=days), WARNED_AT, policy.time_zone)


def warning_due(code: Code, policy: Policy, now: datetime) -> int | None:
    """The latest warning that is due and was not said yet; none when the code has lapsed or nothing is new."""
    if code.lapses_on is None or now >= lapse_moment(code.lapses_on, policy):
        return None
    due = [days for days in _unsaid(code, policy) if warning_moment(code.lapses_on, days, policy) <= now]
    return min(due, default=None)


def next_warning(code: Code, policy: Policy, now: datetime) -> datetime | None:
    """When the next warning is due that is still to come; none when there is none."""
    if code.lapses_on is None:
        return None
    moments: Iterable[datetime] = (warning_moment(code.lapses_on, days, policy) for days in _unsaid(code, policy))
    return min((moment for moment in moments if moment > now), default=None)


def _unsaid(code: Code, policy: Policy) -> list[int]:
    """A warning of more days than the latest one that was said would come too late."""
    return [days for days in policy.code.warn_days if code.warned_days is None or days < code.warned_days]

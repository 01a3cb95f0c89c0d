"""The stack's clock: real time plus an offset that every service reads from a file."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from aftercare_local.home import Home, write_whole
from aftercare_local.trouble import Trouble

UNITS: Final = {"d": 86400, "h": 3600, "m": 60, "s": 1}
STEP: Final = re.compile(r"([+-]?)(\d+(?:\.\d+)?)([dhms])")


def seconds_of(step: str) -> float:
    """The seconds in a step of time such as 2d, -1d, 36h or 90m."""
    found = STEP.fullmatch(step)
    if not found:
        raise Trouble(f"{step!r} is not a step of time. Write a number and d, h, m or s: 2d, -1d, 36h, 90m.")
    sign, number, unit = found.groups()
    return float(number) * UNITS[unit] * (-1 if sign == "-" else 1)


def offset(home: Home) -> float:
    """How many seconds the stack is ahead of real time."""
    try:
        return float(home.clock.read_text())
    except FileNotFoundError:
        return 0.0


def now(home: Home) -> datetime:
    """What the stack takes for the present, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=offset(home))


def advance(home: Home, step: str) -> datetime:
    """Move the clock by a step; returns the new time."""
    write_whole(home.clock, str(offset(home) + seconds_of(step)))
    return now(home)


def set_to(home: Home, moment: str) -> datetime:
    """Move the clock to a moment, in UTC when it names no zone; returns the new time."""
    try:
        wanted = datetime.fromisoformat(moment)
    except ValueError:
        raise Trouble(f"{moment!r} is not a moment. Write it like 2026-12-01 or 2026-12-01T09:30:00Z.") from None
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    write_whole(home.clock, str((aware - datetime.now(UTC)).total_seconds()))
    return now(home)

"""Named points at which a fault test ends the process as a power cut would (ALL-02). Inert unless a test arms one."""

import os
import signal
from typing import Final

POINTS: Final = (
    "before-command-commit",
    "after-command-commit",
    "before-event-commit",
    "after-event-commit",
    "before-timer-commit",
    "after-timer-commit",
    "before-send",
    "after-send",
    "after-delete",
)
_armed = ""


def arm(point: str) -> None:
    """Let the process die at `point`; an unknown name is an error: no test shall wait for what never comes."""
    global _armed
    if point and point not in POINTS:
        raise ValueError(f"AFTERCARE_KILL_AT: no fault point {point!r}; there are {', '.join(POINTS)}")
    _armed = point


def reach(point: str) -> None:
    """Pass a fault point; does not return when it is the armed one."""
    if _armed and point == _armed:
        os.kill(os.getpid(), signal.SIGKILL)

"""Waiting for something to become true, with a deadline and a sentence instead of a sleep."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


async def until(
    look: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE_SECONDS, *, every: float = POLL_SECONDS
) -> T:
    """The first true answer of `look`; AssertionError naming `what` and the last answer when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (seen := await look()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s; last seen: {seen!r}"
        await asyncio.sleep(every)
    return seen


def is_true(look: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    """A plain question as `until` asks it."""

    async def ask() -> bool:
        return look()

    return ask

"""Keeps a rush of requests without a token from the database connections of the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, Literal

from fastapi import Request

from chassis.http.errors import ProblemError
from chassis.transact import Refusal

Lane = Literal["checks", "accounts"]
"""A rush of one kind leaves the other kind its way in."""
SHARE: Final = 3
"""A lane uses one connection of so many at the same time, so that commands find the others free."""
WAITING: Final = 200


def too_many(seconds: int, headers: Mapping[str, str] | None = None) -> ProblemError:
    """The refusal of a request that comes too soon; `Retry-After` says in how many seconds it may come."""
    return ProblemError(Refusal("too-many-requests", 429, details={"retry_after_seconds": seconds}), headers)


class Turnstile:
    """Lets requests of one process through, a few at once; nobody fills the queue alone."""

    def __init__(self, connections: int) -> None:
        """`connections`: how many the process has in all."""
        self._free = asyncio.Semaphore(max(1, connections // SHARE))
        self._inside: Counter[str] = Counter()

    @asynccontextmanager
    async def through(self, who: str, most: int) -> AsyncIterator[None]:
        """A place among the few; raises ProblemError, 429 for whoever has `most` in it already, 503 when all do."""
        if self._inside[who] >= most:
            raise too_many(1)
        if self._inside.total() >= WAITING:
            raise ProblemError(Refusal("try-again-later", 503), {"Retry-After": "2"})
        self._inside[who] += 1
        try:
            async with self._free:
                yield
        finally:
            self._inside -= Counter((who,))  # drops whoever has none left


def turnstile_of(request: Request, lane: Lane) -> Turnstile:
    """The turnstile of this process."""
    state = request.app.state
    if not hasattr(state, "turnstiles"):
        state.turnstiles = {}
    known: dict[Lane, Turnstile] = state.turnstiles
    if lane not in known:
        known[lane] = Turnstile(state.settings.database_connections)
    return known[lane]

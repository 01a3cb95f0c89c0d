"""Hashing takes a core for some 30 ms: in few threads at once, and in lines that end (REG-01, REG-05)."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from chassis.http.errors import ProblemError
from chassis.transact import Refusal

T = TypeVar("T")
LONGEST: Final = 128
"""With one thread about four seconds of work."""
LONGEST_OWN: Final = 32
"""Of those who bring a token; each has one place."""


class Line:
    """Work of a process that waits its turn for one of a few threads of its own."""

    def __init__(self, threads: int, longest: int) -> None:
        """`longest`: how much may be in it, at work or waiting."""
        self._threads = ThreadPoolExecutor(threads, "hashing")
        self._longest, self._inside = longest, 0
        self._known: set[str] = set()

    async def run(self, work: Callable[..., T], *about: Any, who: str | None = None) -> T:
        """Do it in a thread; raises ProblemError: 503 when the line is too long, 429 when `who` is in it already."""
        if who in self._known:
            raise ProblemError(Refusal("try-later", 429, details={"retry_after_seconds": 1}))
        if self._inside >= self._longest:
            raise ProblemError(Refusal("try-again-later", 503), {"Retry-After": "2"})
        self._inside += 1
        self._known |= {who} if who else set()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *about)
        finally:
            self._inside -= 1
            self._known -= {who}


HASHING: Final = Line(max(1, (os.cpu_count() or 2) // 2), LONGEST)
"""For requests without a token; it leaves at least half of the cores to everything else."""
OWN_HASHING: Final = Line(1, LONGEST_OWN)
"""For those who bring a token: neither these nor a rush of the others keep anybody out of the other line."""

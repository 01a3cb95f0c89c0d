"""One copy is drawn at a time, since the largest take a second of one core; some may wait for it (ACT-09)."""

import asyncio
from typing import Final

from fastapi import Request

from activation_service.copies.domain import Copy
from activation_service.copies.pdf import render
from activation_service.copies.words import words_in
from chassis.http.errors import ProblemError
from chassis.transact import Refusal

MOST_WAITING: Final = 20
BUSY: Final = Refusal("copies-busy", 503, details={"retry_after_seconds": 10})


class Printer:
    """Draws copies one after the other, in a thread."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def draw(self, copy: Copy, language: str, request: Request) -> bytes:
        """A copy as PDF; raises ProblemError 503 while too many wait. Nothing is drawn for a reader who has left."""
        if self._waiting >= MOST_WAITING:
            raise ProblemError(BUSY)
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            if await request.is_disconnected():
                raise ProblemError(BUSY)  # nobody hears this
            return await asyncio.to_thread(render, copy, words_in(language), language)
        finally:
            self._turn.release()


PRINTER: Final = Printer()

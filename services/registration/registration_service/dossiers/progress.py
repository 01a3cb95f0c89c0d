"""How far a file has come, told as it happens (REG-21): server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from asyncpg import Record

from registration_service.dossiers.domain import ENDED, State
from registration_service.dossiers.views import dossier_view

POLL_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 1000
LONGEST_SECONDS: Final = 600.0
"""Then the stream ends, and a reader that still listens comes back by itself."""
MOST_STREAMS: Final = 50
"""At once in this process."""
STREAMS: Final = asyncio.Semaphore(MOST_STREAMS)


async def progress(look: Callable[[], Awaitable[Record | None]], language: str, seen: str) -> AsyncIterator[str]:
    """An event for each change, then `done`; `seen` is the id of the last event that the reader has.

    Nothing is held between two looks. A file that can no longer be seen ends the stream.
    """
    async with STREAMS:
        yield f"retry: {RETRY_MILLISECONDS}\n\n"
        quiet = lasted = 0.0
        while lasted < LONGEST_SECONDS and (row := await look()):
            version, over = str(row["version"]), State(row["state"]) in ENDED
            if over or version != seen:
                view = dossier_view(row, language).model_dump_json()
                yield f"id: {version}\nevent: {'done' if over else 'progress'}\ndata: {view}\n\n"
                seen, quiet = version, 0.0
            if over:
                return
            if quiet >= HEARTBEAT_SECONDS:
                yield ": still here\n\n"
                quiet = 0.0
            await asyncio.sleep(POLL_SECONDS)
            quiet, lasted = quiet + POLL_SECONDS, lasted + POLL_SECONDS

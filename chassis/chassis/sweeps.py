"""What is not needed any more is forgotten once a day, in the relay's process (ALL-05)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from chassis import documents
from chassis.database import Cause, Database
from chassis.told import told

log = structlog.get_logger()
PAUSE_SECONDS: Final = 24 * 3600
UNUSED_FOR: Final = timedelta(days=7)
"""Between an upload and the command that names it; also what is left of a form that somebody never sent."""


async def every_day(deed: Callable[[Database], Awaitable[None]], database: Database, stop: asyncio.Event) -> None:
    """Do it now and every day, until `stop` is set; a broken world is waited out."""
    while not stop.is_set():
        try:
            await deed(database)
        except Exception as error:
            log.warning("forgetting put off", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def forget_unused(database: Database, used: str, stop: asyncio.Event) -> None:
    """Drop every document older than seven days to which nothing refers, some in each transaction.

    `used` is an SQL query of one column: the ids to which the service refers.
    """
    dropped = 1
    while dropped and not stop.is_set():
        async with database.transaction(Cause("")) as tx:
            dropped = await documents.drop_unused(tx, UNUSED_FOR, used)
        if dropped:
            log.info("unused documents forgotten", count=dropped)

"""Uploads that no command ever named are forgotten (ACT-12, ACT-13)."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

from activation_service.documents import store
from chassis.database import Cause, Database
from chassis.told import told

log = structlog.get_logger()
KEPT_FOR: Final = timedelta(days=7)
"""Between an upload and the command that names it; also what is left of a form that somebody never sent."""
PAUSE_SECONDS: Final = 24 * 3600


async def forget_unused_documents(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget now and every day, until `stop` is set; a broken world is waited out."""
    while not stop.is_set():
        try:
            await forget_unused(database, stop)
        except Exception as error:
            log.warning("unused documents are forgotten later", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def forget_unused(database: Database, stop: asyncio.Event) -> None:
    """Drop, some in each transaction, every document older than KEPT_FOR to which nothing in this service refers."""
    dropped = 1
    while dropped and not stop.is_set():
        async with database.transaction(Cause("")) as tx:
            dropped = await store.forget_unused(tx, KEPT_FOR)
        if dropped:
            log.info("unused documents forgotten", count=dropped)

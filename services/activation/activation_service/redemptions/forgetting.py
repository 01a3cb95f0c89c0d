"""Changes of hands whose certificate never came are forgotten, once a day (REG-17)."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

from activation_service.redemptions import hands_store as store
from chassis.database import Cause, Database
from chassis.told import told

log = structlog.get_logger()
KEPT_FOR: Final = timedelta(days=400)
"""Longer than any topic keeps its facts."""
PAUSE_SECONDS: Final = 24 * 3600


async def forget_transfers(database: Database, _: Any, stop: asyncio.Event) -> None:
    """Forget now and every day, until `stop` is set; a broken world is waited out."""
    while not stop.is_set():
        try:
            await forget(database)
        except Exception as error:
            log.warning("forgetting put off", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def forget(database: Database) -> None:
    """Drop what has waited for more than 400 days."""
    async with database.transaction(Cause("")) as tx:
        await store.forget_transfers(tx, tx.now - KEPT_FOR)

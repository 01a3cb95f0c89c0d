"""What nobody can use any more is forgotten, once a day (REG-01, REG-05)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

from chassis.database import Cause, Database
from chassis.told import told
from registration_service.accounts.forgetting import forget_proofs, forget_unverified
from registration_service.sessions import store

log = structlog.get_logger()
KEPT_FOR: Final = timedelta(days=1)
PAUSE_SECONDS: Final = 24 * 3600


async def forget_expired(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget sign-ups, codes, accounts never proven, sessions and failures."""
    await every_day(forget, database, stop)


async def every_day(deed: Callable[[Database], Awaitable[None]], database: Database, stop: asyncio.Event) -> None:
    """Do it now and every day, until `stop` is set; a broken world is waited out."""
    while not stop.is_set():
        try:
            await deed(database)
        except Exception as error:
            log.warning("forgetting put off", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def forget(database: Database) -> None:
    """Drop sign-ups, codes, sessions, used refresh tokens and failures that have been over for a day.

    Accounts whose address nobody has proven are dropped after 30 days.
    """
    async with database.transaction(Cause("")) as tx:
        await forget_proofs(tx, tx.now - KEPT_FOR)
        await forget_unverified(tx)
        await store.forget(tx, tx.now - KEPT_FOR)

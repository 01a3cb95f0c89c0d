"""What nobody can use any more is forgotten, once a day (REG-01, REG-05)."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from chassis.database import Cause, Database
from chassis.sweeps import every_day
from registration_service.accounts.forgetting import forget_proofs, forget_unverified
from registration_service.sessions import store

KEPT_FOR: Final = timedelta(days=1)


async def forget_expired(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget sign-ups, codes, accounts never proven, sessions and failures."""
    await every_day(forget, database, stop)


async def forget(database: Database) -> None:
    """Drop sign-ups, codes, sessions, used refresh tokens and failures that have been over for a day.

    Accounts whose address nobody has proven are dropped after 30 days.
    """
    async with database.transaction(Cause("")) as tx:
        await forget_proofs(tx, tx.now - KEPT_FOR)
        await forget_unverified(tx)
        await store.forget(tx, tx.now - KEPT_FOR)

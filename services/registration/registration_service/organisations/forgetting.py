"""Receipts of searches are forgotten when they are over (REG-03)."""

import asyncio
from typing import Any

from chassis.database import Cause, Database
from chassis.sweeps import every_day
from registration_service.organisations import store


async def forget_searches(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget once a day who searched for which words."""
    await every_day(forget, database, stop)


async def forget(database: Database) -> None:
    """Drop the receipts with which nobody can create an organisation any more."""
    async with database.transaction(Cause("")) as tx:
        await store.forget_receipts(tx)

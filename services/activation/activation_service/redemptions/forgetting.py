"""Changes of hands whose certificate never came are forgotten, once a day (REG-17)."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from activation_service.redemptions import hands_store as store
from chassis.database import Cause, Database
from chassis.sweeps import every_day

KEPT_FOR: Final = timedelta(days=400)
"""Longer than any topic keeps its facts."""


async def forget_transfers(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget what has waited too long."""
    await every_day(forget, database, stop)


async def forget(database: Database) -> None:
    """Drop what has waited for more than 400 days."""
    async with database.transaction(Cause("")) as tx:
        await store.forget_transfers(tx, tx.now - KEPT_FOR)

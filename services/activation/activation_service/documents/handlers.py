"""Uploads that no command ever named are forgotten (ACT-12, ACT-13)."""

import asyncio
from typing import Any

from activation_service.documents import store
from chassis.database import Database
from chassis.sweeps import every_day, forget_unused


async def forget_unused_documents(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget them a week after their upload."""
    await every_day(lambda here: forget_unused(here, store.USED, stop), database, stop)

"""Uploads that no command ever named are forgotten (REG-16, REG-19)."""

import asyncio
from typing import Any

from chassis.database import Database
from chassis.sweeps import every_day, forget_unused
from registration_service.documents import store


async def forget_unused_documents(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget them a week after their upload."""
    await every_day(lambda here: forget_unused(here, store.USED, stop), database, stop)

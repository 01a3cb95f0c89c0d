"""Whoever tries codes out is not looked at any more for the rest of the hour (ACT-02)."""

import asyncio
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from chassis.database import Cause, Database, Tx
from chassis.sweeps import every_day
from event_schemas.activation_codes import CodePresented
from registration_service.registrations import store

MOST_WRONG: Final = 10
"""In a window; with a hundred thousand certificates out, a year of guessing finds one with a chance of 1 in 10,000."""
WINDOW: Final = timedelta(hours=1)


def who_asks(event: CodePresented) -> str:
    """Whose tries are counted together: an account's, in whichever organisation, for whichever customers.

    A server speaks for many people, so that one of them must not shut out the others: each customer counts alone.
    """
    subject = event.owner.removesuffix(f"@{event.organisation_id}")
    try:
        return str(UUID(subject))
    except ValueError:
        return f"{subject}/{event.customer_id}"


async def has_guessed(event: CodePresented, tx: Tx) -> bool:
    """Whether so many codes were wrong that this one is not looked at."""
    return await store.wrong_codes(tx, who_asks(event), tx.now - WINDOW) >= MOST_WRONG


async def note_guess(event: CodePresented, tx: Tx) -> None:
    """One more wrong code."""
    await store.count_wrong_code(tx, who_asks(event), tx.now - WINDOW)


async def forget_guesses(database: Database, _: Any, stop: asyncio.Event) -> None:
    """An errand: forget, once a day, whose windows are over."""
    await every_day(_forget, database, stop)


async def _forget(database: Database) -> None:
    async with database.transaction(Cause("")) as tx:
        await store.forget_wrong_codes(tx, tx.now - WINDOW)

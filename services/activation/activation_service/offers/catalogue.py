"""The policies' offers are published once at start (ACT-04, POL-01)."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog

from activation_service.offers import store
from activation_service.offers.domain import news
from activation_service.policy import BOOK, policy_of
from chassis.database import Cause, Database, Tx
from chassis.told import told
from chassis.transact import apply
from event_schemas.activation_offers import OfferPublished

log = structlog.get_logger()
AWAY_SECONDS: Final = 1.0
NO_CAUSE: Final = Cause("")


async def publish_catalogue(
    database: Database, _: Any, stop: asyncio.Event, away_seconds: float = AWAY_SECONDS
) -> None:
    """Publish what the policies say anew, then rest until `stop` is set; a broken world is waited out."""
    while not stop.is_set():
        try:
            await publish_all(database)
            break
        except Exception as error:
            log.warning("catalogue is published later", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), away_seconds)
    await stop.wait()


async def publish_all(database: Database) -> None:
    """Every brand, each in a transaction of its own."""
    for brand in BOOK.brands():
        await apply(database, take_over, brand, NO_CAUSE)


async def take_over(brand: str, tx: Tx) -> list[OfferPublished]:
    """Enter what a brand's policy says anew; of several processes the first one does, the others find it done."""
    await store.hold(tx, brand)
    entries = news(brand, policy_of(brand).shipped, await store.of_brand(tx, brand))
    for entry in entries:
        await store.put(tx, entry)
    return [entry.published for entry in entries]

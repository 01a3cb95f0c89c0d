"""Who may ask how often: units in the database, shared by all processes and kept over their restarts (REG-23).

A request is paid for as one that fails, before anything else, and gets the difference back when it was good. So however
many come at once, guessing never gets more than its budget.
"""

import asyncio
import secrets
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

import structlog
from prometheus_client import Counter

from chassis.database import Database, Pool, is_transient
from chassis.told import told
from registration_service.allowances import store
from registration_service.allowances.addresses import holder_of
from registration_service.allowances.domain import FAILED_UNITS, Budget, Grant, Purpose, Short, budgets_of
from registration_service.settings import Network

log = structlog.get_logger()
ASKED: Final = Counter(
    "aftercare_anonymous_requests_total", "Requests without a token by what became of them", ["purpose", "outcome"]
)
KEY_BYTES: Final = 32
FORGET_SECONDS: Final = 60.0


async def grant(pool: Pool, purpose: Purpose, network: Network, budget: Budget, now: datetime) -> Grant | Short:
    """Pay for one request at the price of one that fails, or say when to come again."""
    holder = holder_of(network, purpose, await _key(pool, now.date()))
    own, everybody = await store.spend(pool, purpose, holder, budget, FAILED_UNITS, now)
    if own is not None and (everybody is not None or budget.everybody is None):
        return Grant(purpose, holder, budget, own)
    ASKED.labels(purpose, "refused").inc()
    if own is None:
        return Short(budget.seconds_for(FAILED_UNITS), 0)
    await store.give_back_own(pool, purpose, holder, budget, FAILED_UNITS)
    return Short(budget.seconds_for(FAILED_UNITS, budget.everybody), own + FAILED_UNITS)


async def settle(pool: Pool, paid: Grant, *, good: bool) -> float:
    """Give back what a request was not worth; what the address has left. The same statement for good and bad."""
    refund = paid.refund(good=good)
    await store.give_back(pool, paid.purpose, paid.holder, paid.budget, refund)
    ASKED.labels(paid.purpose, "good" if good else "failed").inc()
    return paid.units + refund


async def _key(pool: Pool, day: date) -> bytes:
    while (key := await store.key_of(pool, day, secrets.token_bytes(KEY_BYTES))) is None:
        pass  # another process makes it at this moment; it is there at the next look
    return key


async def forget_addresses(database: Database, settings: Any, stop: asyncio.Event) -> None:
    """An errand: an address's row is gone two windows after its last request, the key of its hash after a day."""
    windows: dict[str, int] = {purpose: budget.window_seconds for purpose, budget in budgets_of(settings).items()}
    while not stop.is_set():
        try:
            await store.forget(database.pool, database.clock.now(), windows)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("addresses are forgotten later", error=told(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), FORGET_SECONDS)

"""Works through bulk files: an errand that runs beside the relay; several may run at once (REG-20 to REG-22).

A file's rows are tried in their order, a few in each transaction, by one process at a time; files take turns.
"""

import asyncio
import secrets
import time
from collections import Counter
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Gauge

from chassis.database import Cause, Database, Tx, is_transient
from chassis.told import frames, told
from registration_service.certificates.handlers import issued_numbers
from registration_service.dossiers import store
from registration_service.dossiers.chunk import Chunk
from registration_service.dossiers.domain import CANCELLED, Dossier, Outcome, awaited_of
from registration_service.dossiers.reading import read_next
from registration_service.dossiers.setback import make_room
from registration_service.dossiers.table import store as table
from registration_service.dossiers.turns import store as turns
from registration_service.units.handlers import known_serials

log = structlog.get_logger()
LATE: Final = Gauge("aftercare_dossiers_late", "Bulk files whose day is over and that are not done")
SET_ASIDE: Final = Gauge("aftercare_dossiers_set_aside", "Bulk files that rest because our own code fails at them")
IDLE_SECONDS: Final = 0.3
AWAY_SECONDS: Final = 1.0
WAKE_SECONDS: Final = 2.0
MOST_ROWS: Final = 100
"""Of one transaction; the time that it may take mostly ends it before."""
CLOSED_AT_ONCE: Final = 2000
WOKEN_AT_ONCE: Final = 2000
THINGS_AT_ONCE: Final = 500
NO_CAUSE: Final = Cause("")
CONFLICTS: Final = (asyncpg.TransactionRollbackError, asyncpg.LockNotAvailableError)


async def run_dossiers(database: Database, _: Any, stop: asyncio.Event) -> None:
    """Work until `stop` is set; a broken world is waited out."""
    runner = Runner(database)
    while not stop.is_set():
        pause = IDLE_SECONDS
        try:
            if await runner.step():
                continue
        except Exception as error:
            if not is_transient(error):
                log.error("dossiers put off", error=told(error), frames=frames(error))
            log.warning("dossiers wait", error=told(error))
            pause = AWAY_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


class Runner:
    """Takes files in turn."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._most = MOST_ROWS
        self._after, self._looked_at = "", 0.0

    async def step(self) -> bool:
        """Some rows of one file, and a piece of another to be read; False when there is neither."""
        if time.monotonic() - self._looked_at > WAKE_SECONDS:
            self._looked_at = time.monotonic()
            late, set_aside = await turns.count(self._database.pool)
            LATE.set(late)
            SET_ASIDE.set(set_aside)
            await self.wake()
        tried = await self._rows()
        return await read_next(self._database) or tried

    async def work_off(self) -> None:
        """Work until only parked rows are left whose time has not come."""
        while await self.wake() or await self.step():
            pass

    async def wake(self) -> int:
        """Let parked rows be tried again for which something has become known; how many."""
        async with self._database.transaction(NO_CAUSE) as tx:
            things = await table.awaited(tx, self._after, THINGS_AT_ONCE)
            self._after = things[-1] if len(things) == THINGS_AT_ONCE else ""
            numbers: dict[tuple[str, str], list[str]] = {}
            for thing in things:
                kind, brand, number = awaited_of(thing)
                numbers.setdefault((kind, brand), []).append(number)
            found: list[str] = []
            for (kind, brand), asked in numbers.items():
                look = issued_numbers if kind == "certificate" else known_serials
                found += [f"{kind}:{brand}:{number}" for number in await look(brand, asked, tx)]
            return await table.wake(tx, found, WOKEN_AT_ONCE) if found else 0

    async def _rows(self) -> bool:
        """Some rows of the next file. After a conflict with others fewer are tried at once."""
        taken: UUID | None = None
        try:
            async with self._database.transaction(NO_CAUSE) as tx:
                row = await turns.take_next(tx)
                if row is None:
                    return False
                taken = row["dossier_id"]
                await self._work(store.dossier_of(row), tx)
        except Exception as error:
            if taken is None:
                raise
            await make_room(self._database, taken, error)
            if is_transient(error):
                await self._slow_down(error)
            return True
        self._most = min(MOST_ROWS, self._most * 2)
        return True

    async def _work(self, dossier: Dossier, tx: Tx) -> None:
        chunk = Chunk(self._database, dossier, tx)
        if dossier.closing:
            await self._close(dossier, chunk, tx)
        else:
            await chunk.work(self._most)

    async def _slow_down(self, error: Exception) -> None:
        if not isinstance(error, CONFLICTS):
            raise error
        self._most = max(1, self._most // 4)
        log.info("rows are tried again", error=told(error))
        await asyncio.sleep(secrets.randbelow(100) / 1000)  # apart, or the same two meet again

    async def _close(self, dossier: Dossier, chunk: Chunk, tx: Tx) -> None:
        assert dossier.closing is not None  # asked by the caller
        everything = dossier.closing == CANCELLED
        details = {"due_on": str(dossier.due_on)}
        told = await table.close(tx, dossier.dossier_id, dossier.closing, everything, details, CLOSED_AT_ONCE)
        more = Counter({Outcome.REFUSED: told["closed"], Outcome.PARKED: -told["parked"]})
        last = told["closed"] < CLOSED_AT_ONCE
        over = last and (everything or dossier.pending == 0)
        await chunk.end_step(over, dossier.floor, more, None if last else dossier.closing)

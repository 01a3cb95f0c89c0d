"""Some rows of one file in one transaction: tried, settled and counted together (REG-20, REG-21)."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog

from chassis import outbox, timers
from chassis.codec import Message
from chassis.database import Cause, Database, Tx, is_transient
from chassis.told import frames, told
from chassis.transact import Accepted, Refusal
from registration_service.certificates.handlers import certificate_behind, set_units_aside
from registration_service.contacts.handlers import languages_of
from registration_service.dossiers import store
from registration_service.dossiers.domain import DUE, PARKED_TOO_LONG, Dossier, Fault, Outcome, Row, Settled, State
from registration_service.dossiers.rows import address_of, command_of, known, refused, settled
from registration_service.dossiers.table import store as table
from registration_service.offers.domain import Offers
from registration_service.offers.handlers import known_offers
from registration_service.policy import policy_of
from registration_service.registrations.handlers import RegisterProduct, register_product

log = structlog.get_logger()
SECONDS: Final = 0.08
"""After so much work no further row is begun: a form's command waits no longer for a lock."""
TRIES: Final = 3
GROUP: Final = 8
"""Rows that share a savepoint until one of them is refused."""


class Chunk:
    """The next rows of a locked file."""

    def __init__(self, database: Database, dossier: Dossier, tx: Tx) -> None:
        self._database, self._dossier = database, dossier
        self._tx = tx.answering(Cause(dossier.correlation_id))
        self._messages: list[Message] = []
        self._languages: dict[str, str] = {}
        self._offers: Offers = {}
        self._marked = self._careful = False

    async def work(self, most: int) -> None:
        """Try up to `most` rows, and end the file when none is left."""
        dossier, tx = self._dossier, self._tx
        rows = await table.pending(tx, dossier.dossier_id, dossier.floor, most)
        silent = sorted({address_of(row) for row in rows if "language" not in row.cells})
        self._languages = await languages_of(dossier.brand, silent, tx)
        self._offers = await known_offers(dossier.brand, tx) if rows else {}
        done = await (self._rehearse(rows) if dossier.dry_run else self._try(rows))
        await table.settle(tx, dossier.dossier_id, dossier.dry_run, done)
        more = Counter(row.outcome for row in done)
        over = len(rows) < most and len(done) == len(rows)
        floor = done[-1].position if done else dossier.floor
        await self.end_step(over, floor, more, dossier.closing)

    async def end_step(self, over: bool, floor: int, more: Counter[Outcome], closing: str | None) -> None:
        """Write what was done; `over` when no row is left but parked ones."""
        dossier, tx = self._dossier, self._tx
        counts = {one: dossier.counts[one] + more[one] for one in Outcome}
        state = State.RUNNING
        if over:
            waiting = counts[Outcome.PARKED] > 0 and not dossier.dry_run
            state = State.WAITING if waiting else State.COMPLETED
        await store.step(tx, dossier.dossier_id, state, floor, more, closing)
        if state is State.COMPLETED:
            await timers.cancel(tx, DUE, str(dossier.dossier_id))
            if dossier.dry_run:
                await table.forget(tx, dossier.dossier_id)
            self._messages += outbox.messages_of(dossier.completed(counts), self._database, tx)
            log.info("dossier completed", dossier_id=str(dossier.dossier_id), rows=dossier.rows_total)
        await outbox.put(tx, self._messages)

    async def _try(self, rows: Sequence[Row]) -> list[Settled]:
        """Try rows in their order until the time is over; without a savepoint for each as long as all goes well."""
        until, done = time.perf_counter() + SECONDS, list[Settled]()
        while len(done) < len(rows) and (not done or time.perf_counter() < until):
            tried = None if self._careful else await self._group(rows[len(done) : len(done) + GROUP])
            self._careful = tried is None
            done += tried or [await self._row(rows[len(done)])]
        return done

    async def _group(self, rows: Sequence[Row]) -> list[Settled] | None:
        """Some rows under one savepoint; None, and nothing of them stays, when one is not registered."""
        await self._mark()
        said, done = len(self._messages), list[Settled]()
        try:
            for row in rows:
                command = command_of(row, self._dossier, self._languages)
                if isinstance(command, list):
                    done.append(refused(row, *command))
                    continue
                outcome = await register_product(command, self._tx, self._dossier.caller, self._offers)
                if isinstance(outcome, Refusal):
                    break
                self._say(outcome)
                done.append(settled(row, outcome, self._dossier))
            else:
                return done
        except Exception as error:
            if is_transient(error):
                raise
        del self._messages[said:]
        await table.take_back(self._tx)
        return None

    async def _mark(self) -> None:
        await table.next_row(self._tx, not self._marked)
        self._marked = True

    def _say(self, outcome: Accepted) -> None:
        self._messages += outbox.messages_of(outcome.facts, self._database, self._tx)

    async def _rehearse(self, rows: Sequence[Row]) -> list[Settled]:
        """Try rows as if those before them had been registered, and take everything back."""
        dossier, tx = self._dossier, self._tx
        rehearsal = tx.connection.transaction()
        await rehearsal.start()
        await self._mark()  # so that it waits for a form's lock no longer than a row does
        await self._repeat(rows)
        done = await self._try(rows)
        await rehearsal.rollback()
        self._messages.clear()
        places = {row.position: row for row in rows}
        units = Counter(_number(places[one.position]) for one in done if one.outcome is Outcome.REGISTERED)
        await table.take(tx, dossier.dossier_id, units)
        return [Settled(one.position, one.outcome, one.faults) for one in done]

    async def _repeat(self, rows: Sequence[Row]) -> None:
        """What the rows before have done to the products and certificates of these."""
        if not rows:
            return
        dossier, tx = self._dossier, self._tx
        serials = sorted({row.cells.get("serial", "").upper() for row in rows})
        before = await table.earlier(tx, dossier.dossier_id, serials, rows[0].position)
        taken = await table.taken(tx, dossier.dossier_id, sorted({_number(row) for row in rows}))
        again = Counter(_number(row) for row in before)
        for number, units in taken.items():
            await set_units_aside(number, dossier.brand, units - again[number], tx)
        for row in before:
            await self._row(row)

    async def _row(self, row: Row) -> Settled:
        """One row through the form's own handler; what a row that is not registered wrote is taken back."""
        try:
            command = command_of(row, self._dossier, self._languages)
        except Exception as error:
            return self._failed(row, error)
        if isinstance(command, list):
            return refused(row, *command)
        for tries_left in reversed(range(TRIES)):
            await self._mark()
            try:
                return await self._decide(row, command)
            except Exception as error:
                if is_transient(error):
                    raise
                await table.take_back(self._tx)
                # somebody else wrote the same a moment ago: now it can be seen
                if not (isinstance(error, asyncpg.UniqueViolationError) and tries_left):
                    return self._failed(row, error)
        raise AssertionError("unreachable: the last try returns or raises")

    def _failed(self, row: Row, error: Exception) -> Settled:
        """A row at which our own code fails never stops the file."""
        where, what = str(self._dossier.dossier_id), told(error)
        log.error("row failed", dossier_id=where, position=row.position, error=what, frames=frames(error))
        return refused(row, Fault("internal-error"))

    async def _decide(self, row: Row, command: RegisterProduct) -> Settled:
        dossier, tx = self._dossier, self._tx
        outcome = await register_product(command, tx, dossier.caller, self._offers)
        if isinstance(outcome, Refusal):
            await table.take_back(tx)
            if outcome.code == "serial-already-registered" and await self._is_same(command, outcome):
                return known(row, outcome)
            return self._in_time(row, settled(row, outcome, dossier))
        done = settled(row, outcome, dossier)
        self._say(outcome)
        return done

    async def _is_same(self, command: RegisterProduct, refusal: Refusal) -> bool:
        certificate = await certificate_behind(command.certificate, command.brand, self._tx)
        known = refusal.details.get("certificate_id")  # said only to those who see the product
        return not isinstance(certificate, Refusal) and certificate.certificate_id == known

    def _in_time(self, row: Row, outcome: Settled) -> Settled:
        """A row that would have to wait when the day is over is refused."""
        dossier = self._dossier
        if outcome.outcome is Outcome.PARKED and dossier.overdue(self._tx.now, policy_of(dossier.brand).zone):
            (fault,), number = outcome.faults, (outcome.awaited or "").split(":", 2)[2]
            return refused(row, Fault(PARKED_TOO_LONG, fault.column, number, None, {"due_on": str(dossier.due_on)}))
        return outcome


def _number(row: Row) -> str:
    return row.cells.get("certificate", "").upper()

"""Reads a file as a stream and stages its rows; resumes where it was, byte for byte, after any death (REG-21)."""

import csv
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final
from uuid import UUID

import structlog

from chassis import documents, outbox, timers
from chassis.caller import Sight
from chassis.database import Cause, Database, Tx, is_transient
from event_schemas.registration_dossiers import DossierCompleted
from registration_service.dossiers import store
from registration_service.dossiers.beginning import begin, records
from registration_service.dossiers.columns import Header, MissingColumn, RepeatedColumn, header_of
from registration_service.dossiers.domain import DUE, MOST_ROWS, UNREAD, Dossier, Fault, Row, Settled, State
from registration_service.dossiers.rows import refused
from registration_service.dossiers.setback import make_room
from registration_service.dossiers.table import store as table
from registration_service.dossiers.table_file import LONGEST_RECORD, Dialect, LineTooLong, Record, cells_of
from registration_service.dossiers.turns import store as turns

log = structlog.get_logger()
STAGED_AT_ONCE: Final = 1000
SECONDS: Final = 0.3
"""After so much reading others have their turn."""
Staged = tuple[Row, Settled | None]


async def read_next(database: Database) -> bool:
    """Stage some rows of the file that waits longest for it; False when there is none."""
    async with turns.unread(database.pool, database.clock.now()) as dossier_id:
        if dossier_id is None:
            return False
        try:
            await _Reading(database, dossier_id).run()
        except Exception as error:
            await make_room(database, dossier_id, error)
            if is_transient(error):
                raise
        return True


class _Reading:
    def __init__(self, database: Database, dossier_id: UUID) -> None:
        self._database, self._id = database, dossier_id

    async def run(self) -> None:
        dossier = await self._present()
        try:
            if dossier and dossier.dialect is None:
                dossier = await self._begin(dossier)
            if dossier:
                await self._stage(dossier)
        except LineTooLong as error:
            await self._refuse(Fault("line-too-long", details={"line": error.args[0], "limit": LONGEST_RECORD}))
        except documents.DocumentGone:
            await self._refuse(Fault("file-gone"))

    async def _present(self) -> Dossier | None:
        async with self._database.transaction(Cause("")) as tx:
            return await self._lock(tx)

    async def _lock(self, tx: Tx) -> Dossier | None:
        dossier = await store.lock(tx, self._id, Sight())
        return dossier if dossier and dossier.state in UNREAD else None

    async def _begin(self, dossier: Dossier) -> Dossier | None:
        found = await begin(self._database.pool, dossier.file_id)
        header = header_of(found.headings)
        if isinstance(header, MissingColumn):
            await self._refuse(Fault("column-missing", header.column, None, list(header.accepted)))
            return None
        if isinstance(header, RepeatedColumn):
            await self._refuse(Fault("column-repeated", header.column, ", ".join(header.headings)))
            return None
        assert found.record is not None  # it has every mandatory column
        read = found.record.after, found.record.line + found.record.lines - 1
        async with self._database.transaction(Cause("")) as tx:
            if await self._lock(tx) is None:
                return None
            await store.look_at(tx, self._id, found.dialect, found.headings, read)
            return await self._lock(tx)

    async def _stage(self, dossier: Dossier) -> None:
        """Stage rows until the file or its turn is over; the next turn begins behind the last record of this one."""
        assert dossier.dialect is not None  # it was looked at
        header = header_of(dossier.headings)
        assert isinstance(header, Header)  # or the file would have been refused
        staged: list[Staged] = []
        read, position = (dossier.read_bytes, dossier.read_lines), dossier.rows_total
        until = time.perf_counter() + SECONDS
        stream = records(self._database.pool, dossier.file_id, dossier.dialect, read)
        async with aclosing(stream):
            async for record in stream:
                read = record.after, record.line + record.lines - 1
                if record.blank:
                    continue
                position += 1
                if position > MOST_ROWS:
                    await self._refuse(Fault("too-many-rows", details={"limit": MOST_ROWS}))
                    return
                staged.append(_staged(record, position, header, dossier.dialect))
                if len(staged) == STAGED_AT_ONCE or time.perf_counter() > until:
                    await self._write(dossier, staged, read, State.READING)
                    return
        await self._write(dossier, staged, read, State.RUNNING)

    async def _write(self, dossier: Dossier, staged: Sequence[Staged], read: tuple[int, int], state: State) -> None:
        async with self._database.transaction(Cause("")) as tx:
            present = await self._lock(tx)
            if present is None or (staged and present.rows_total != staged[0][0].position - 1):
                return  # cancelled meanwhile; or read by another process when this one had lost the database
            await table.stage(tx, self._id, dossier.dry_run, staged)
            refusals = sum(outcome is not None for _, outcome in staged)
            await store.read_on(tx, dossier, read, len(staged), refusals, state)

    async def _refuse(self, fault: Fault) -> None:
        async with self._database.transaction(Cause("")) as tx:
            dossier = await self._lock(tx)
            if dossier:
                own = tx.answering(Cause(dossier.correlation_id))
                fact = await refuse(dossier, fault, own)
                await outbox.put(own, outbox.messages_of(fact, self._database, own))
                log.info("dossier refused", dossier_id=str(self._id), code=fault.code)


async def refuse(dossier: Dossier, fault: Fault, tx: Tx) -> DossierCompleted | None:
    """Refuse a locked file as a whole; what was read of it is forgotten."""
    await table.unstage(tx, dossier.dossier_id)
    await store.refuse(tx, dossier.dossier_id, fault)
    await timers.cancel(tx, DUE, str(dossier.dossier_id))
    return dossier.completed({}, fault.code)


def _staged(record: Record, position: int, header: Header, dialect: Dialect) -> Staged:
    if not record.closed:
        row = Row(position, record.line, {})
        return row, refused(row, Fault("quote-unclosed", details={"line": record.line}))
    try:
        cells = cells_of(record, dialect)
    except csv.Error:
        row = Row(position, record.line, {})
        return row, refused(row, Fault("row-unreadable", details={"line": record.line}))
    row = Row(position, record.line, header.cells(cells))
    if header.overflows(cells):
        counts = {"cells": len(cells), "columns": len(header.headings)}
        return row, refused(row, Fault("cells-too-many", details=counts))
    return row, None

"""The file that came, byte for byte, with three columns more: what became of each row, where, and why (REG-20)."""

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Final

import orjson
from asyncpg import Record as Line

from chassis import documents
from chassis.database import Pool
from registration_service.dossiers.beginning import begin, records
from registration_service.dossiers.columns import Header, header_of
from registration_service.dossiers.domain import Outcome, State
from registration_service.dossiers.table import store as table
from registration_service.dossiers.table_file import BOM, Dialect, LineTooLong, Record, cells_of, written
from registration_service.dossiers.views import FaultView, fault_view, faults_of, outcome_shown

ADDED: Final = ["aftercare_result", "aftercare_column", "aftercare_message"]
ROWS_AT_ONCE: Final = 500
PIECE_BYTES: Final = 64 * 1024
_FORMULA: Final = tuple("=+-@\t\r")
_LACKING: Final = str.maketrans({"≤": "<=", "≥": ">=", "→": "->", "\n": " ", "\r": " "})
CHARSETS: Final = {"utf-8": "utf-8", "cp1252": "windows-1252"}


async def dialect_of(pool: Pool, dossier: Line) -> Dialect:
    """How the file is written; looked up in the file itself when its rows are not read yet."""
    if dossier["encoding"]:
        return Dialect(dossier["encoding"], dossier["bom"], dossier["delimiter"])
    return (await begin(pool, dossier["file_id"])).dialect


async def answer(pool: Pool, dossier: Line, dialect: Dialect, language: str) -> AsyncIterator[bytes]:
    """The answer in pieces; nothing is held between two of them, so that a slow reader costs nothing."""
    piece = BOM if dialect.bom else b""
    lines, after = _Lines(pool, dossier, dialect, language), dialect.start
    stream = records(pool, dossier["file_id"], dialect, (after, 0))
    with suppress(LineTooLong):
        async with aclosing(stream):
            async for record in stream:
                piece, after = piece + record.content + await lines.added(record) + record.end, record.after
                if len(piece) >= PIECE_BYTES:
                    yield piece
                    piece = b""
    yield piece
    async for rest in documents.read(pool, dossier["file_id"], after):  # where a file is no table, nothing is added
        yield rest


class _Lines:
    def __init__(self, pool: Pool, dossier: Line, dialect: Dialect, language: str) -> None:
        self._pool, self._dossier, self._dialect, self._language = pool, dossier, dialect, language
        self._header: Header | None = None
        self._headed, self._position, self._last = False, 0, 0
        self._page: dict[int, Line] = {}
        self._width = 0

    async def added(self, record: Record) -> bytes:
        """What is written behind a record, its delimiter included."""
        if record.blank:
            return b""
        delimiter = self._dialect.delimiter.encode()
        if not self._headed:
            headings = cells_of(record, self._dialect)
            found = header_of(headings)
            self._headed, self._width = True, len(headings)
            self._header = found if isinstance(found, Header) else None
            return delimiter + written(ADDED, self._dialect)
        self._position += 1
        cells = [_harmless(cell) for cell in await self._cells()]
        return delimiter * (1 + self._missing(record)) + written(cells, self._dialect)

    def _missing(self, record: Record) -> int:
        """How many cells the record lacks, so that what is added stands below its heading."""
        if not record.closed:
            return 0
        try:
            return max(0, self._width - len(cells_of(record, self._dialect)))
        except csv.Error:
            return 0

    async def _cells(self) -> Sequence[str]:
        row = await self._row()
        if row is None:
            return self._unread()
        outcome = outcome_shown(row["outcome"], self._dossier["dry_run"])
        faults = faults_of(row["faults"], self._language)
        result = faults[0].code if row["outcome"] == Outcome.REFUSED and faults else outcome
        return [result, self._heading(faults[0].column if faults else None), self._message(faults)]

    def _unread(self) -> Sequence[str]:
        if self._dossier["state"] == State.REFUSED and self._dossier["fault"]:
            fault = fault_view(orjson.loads(self._dossier["fault"]), self._language)
            return [fault.code, fault.column or "", fault.message]
        return ["pending", "", ""]

    def _heading(self, column: str | None) -> str:
        return "" if column is None else self._header.heading(column) if self._header else column

    def _message(self, faults: Sequence[FaultView]) -> str:
        if len(faults) < 2:
            return faults[0].message if faults else ""
        return " ".join(f"{self._heading(fault.column)}: {fault.message}" for fault in faults)

    async def _row(self) -> Line | None:
        if self._position > self._last:
            page = await table.page(self._pool, self._dossier["dossier_id"], self._position - 1, None, ROWS_AT_ONCE)
            self._page = {row["position"]: row for row in page}
            self._last = self._position + ROWS_AT_ONCE - 1
        return self._page.get(self._position)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    text = cell.translate(_LACKING)
    return f"'{text}" if text.startswith(_FORMULA) else text

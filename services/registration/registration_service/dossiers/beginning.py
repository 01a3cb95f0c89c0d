"""How a file is written, which only all of it tells, and its records one by one (REG-21)."""

import asyncio
import codecs
import csv
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from itertools import chain
from typing import Final
from uuid import UUID

from chassis import documents
from chassis.database import Pool
from registration_service.dossiers.columns import recognised
from registration_service.dossiers.table_file import (
    BOM,
    DELIMITERS,
    LONGEST_RECORD,
    Dialect,
    Record,
    Splitter,
    cells_of,
)

BREATH_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a file is written, and its header."""

    dialect: Dialect
    record: Record | None
    """None in a file of blank lines."""
    headings: tuple[str, ...]


async def records(pool: Pool, file_id: UUID, dialect: Dialect, read: tuple[int, int]) -> AsyncGenerator[Record]:
    """The records of a file from a byte and a line on. Raises LineTooLong."""
    splitter, paused = Splitter(dialect.delimiter, read[0], read[1] + 1), time.perf_counter()
    async for piece in documents.read(pool, file_id, read[0]):
        for record in splitter.feed(piece):
            yield record
            if time.perf_counter() - paused > BREATH_SECONDS:
                await asyncio.sleep(0)  # whatever stands in a file, the process has other things to do
                paused = time.perf_counter()
    for record in splitter.finish():
        yield record


async def begin(pool: Pool, file_id: UUID) -> Beginning:
    """Look at a whole file once: only all of it tells the encoding. Raises LineTooLong."""
    head, encoding = b"", "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    async for piece in documents.read(pool, file_id):
        head += piece[: max(0, 2 * LONGEST_RECORD - len(head))]
        encoding = encoding if _decodes(decoder, piece) else "cp1252"
        if encoding == "cp1252" and len(head) >= 2 * LONGEST_RECORD:
            break
    if encoding == "utf-8" and not _decodes(decoder, b"", last=True):
        encoding = "cp1252"
    bom = encoding == "utf-8" and head.startswith(BOM)
    record = _first(head[len(BOM) :] if bom else head, len(BOM) if bom else 0)
    return _beginning(encoding, bom, record)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, last: bool = False) -> bool:
    try:
        decoder.decode(piece, last)
    except UnicodeDecodeError:
        return False
    return True


def _first(head: bytes, offset: int) -> Record | None:
    splitter = Splitter(DELIMITERS, offset)
    return next((record for record in chain(splitter.feed(head), splitter.finish()) if not record.blank), None)


def _beginning(encoding: str, bom: bool, record: Record | None) -> Beginning:
    best: Beginning | None = None
    for delimiter in DELIMITERS:
        dialect = Dialect(encoding, bom, delimiter)
        try:
            headings = tuple(cells_of(record, dialect)) if record else ()
        except csv.Error:
            headings = ()
        if best is None or (recognised(headings), len(headings)) > (recognised(best.headings), len(best.headings)):
            best = Beginning(dialect, record, headings)
    assert best is not None  # there is at least one delimiter
    return best

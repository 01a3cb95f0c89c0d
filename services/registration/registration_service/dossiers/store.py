"""Every SQL statement about bulk files as a whole; the rows have a store of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record
from pydantic import TypeAdapter

from chassis.caller import Caller, Sight, seen
from chassis.database import Pool, Tx
from registration_service.dossiers.domain import Dossier, Fault, Outcome, State
from registration_service.dossiers.table_file import Dialect

_CALLER: Final = TypeAdapter(Caller)
_OPEN: Final = """
INSERT INTO dossiers (dossier_id, brand, owner, organisation_id, caller, correlation_id, submitter_id, file_id,
  file_sha256, registered_as, dry_run, state, received_at, due_on, served_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13)
"""
_INVOICES: Final = """
INSERT INTO dossier_invoices (dossier_id, kind, place, document_id)
SELECT $1, $2, place, document_id FROM unnest($3::uuid[]) WITH ORDINALITY AS given(document_id, place)
"""
_SAME: Final = """
SELECT dossier_id FROM dossiers WHERE brand = $1 AND owner = $2 AND file_sha256 = $3 AND NOT dry_run
  AND state IN ('received', 'reading', 'running', 'waiting')
"""
_LOCK: Final = f"SELECT * FROM dossiers WHERE dossier_id = $1 AND {seen(2)} FOR UPDATE"
_STEP: Final = """
UPDATE dossiers SET state = $2, floor = $3, registered = registered + $4, already_registered = already_registered + $5,
  contested = contested + $6, parked = parked + $7, refused = refused + $8, closing = $9, served_at = $10,
  started_at = coalesce(started_at, $10), completed_at = CASE WHEN $2 IN ('completed', 'refused') THEN $10 END,
  attempts = 0, retry_at = NULL, trouble = NULL, version = version + 1 WHERE dossier_id = $1
"""
_LOOKED_AT: Final = """
UPDATE dossiers SET state = 'reading', encoding = $2, bom = $3, delimiter = $4, headings = $5, read_bytes = $6,
  read_lines = $7, version = version + 1 WHERE dossier_id = $1
"""
_READ: Final = """
UPDATE dossiers SET read_bytes = $2, read_lines = $3, rows_total = rows_total + $4, refused = refused + $5, state = $6,
  served_at = $7, attempts = 0, retry_at = NULL, trouble = NULL, version = version + 1 WHERE dossier_id = $1
"""
_REFUSE: Final = """
UPDATE dossiers SET state = 'refused', fault = $2, completed_at = $3, closing = NULL, retry_at = NULL,
  version = version + 1, rows_total = 0, registered = 0, already_registered = 0, contested = 0, parked = 0, refused = 0
WHERE dossier_id = $1
"""
_CLOSE: Final = """
UPDATE dossiers SET closing = $2, state = CASE state WHEN 'waiting' THEN 'running' ELSE state END,
  late = late OR $3, retry_at = NULL, version = version + 1 WHERE dossier_id = $1
"""
_SHOWN: Final = f"""
SELECT d.*, f.name AS file_name, f.size_bytes AS file_size_bytes,
  ARRAY(SELECT document_id FROM dossier_invoices i WHERE i.dossier_id = d.dossier_id AND kind = 'purchase'
    ORDER BY place) AS purchase_invoices,
  ARRAY(SELECT document_id FROM dossier_invoices i WHERE i.dossier_id = d.dossier_id AND kind = 'service'
    ORDER BY place) AS service_invoices
FROM dossiers d JOIN document f ON f.document_id = d.file_id WHERE {seen(1, "d")}
"""
_FIND: Final = f"{_SHOWN} AND d.dossier_id = $3 AND ($4::text IS NULL OR d.brand = $4)"
_LIST: Final = f"""{_SHOWN} AND ($3::text IS NULL OR d.brand = $3) AND ($4::text IS NULL OR d.state = $4)
  AND ($5::boolean IS NULL OR d.late = $5)
  AND ($6::timestamptz IS NULL OR (d.received_at, d.dossier_id) < ($6, $7::uuid))
ORDER BY d.received_at DESC, d.dossier_id DESC LIMIT $8
"""


def dossier_of(row: Record) -> Dossier:
    """A row of the table as the decisions know it."""
    dialect = Dialect(row["encoding"], row["bom"], row["delimiter"]) if row["encoding"] else None
    same = ("dossier_id", "brand", "correlation_id", "organisation_id", "submitter_id", "file_id", "registered_as")
    more = ("dry_run", "due_on", "read_bytes", "read_lines", "rows_total", "floor", "closing")
    return Dossier(
        **{name: row[name] for name in (*same, *more)},
        caller=_CALLER.validate_json(row["caller"]),
        state=State(row["state"]),
        dialect=dialect,
        headings=tuple(row["headings"] or ()),
        counts={outcome: row[outcome] for outcome in Outcome},
    )


async def open_dossier(tx: Tx, dossier: Dossier, sha256: bytes) -> None:
    """Write a new file."""
    caller = dossier.caller
    await tx.execute(
        _OPEN,
        dossier.dossier_id,
        dossier.brand,
        caller.owner,
        dossier.organisation_id,
        _CALLER.dump_json(caller).decode(),
        dossier.correlation_id,
        dossier.submitter_id,
        dossier.file_id,
        sha256,
        dossier.registered_as,
        dossier.dry_run,
        dossier.state,
        tx.now,
        dossier.due_on,
    )


async def add_invoices(tx: Tx, dossier_id: UUID, kind: str, documents: Sequence[UUID]) -> None:
    """Write its invoices of one kind, in their order."""
    await tx.execute(_INVOICES, dossier_id, kind, documents)


async def same(tx: Tx, brand: str, owner: str, sha256: bytes) -> UUID | None:
    """The file with the same content that the same sender has at work."""
    found: UUID | None = await tx.fetchval(_SAME, brand, owner, sha256)
    return found


async def lock(tx: Tx, dossier_id: UUID, sight: Sight) -> Dossier | None:
    """A file as somebody sees it, locked; `Sight()` for ourselves."""
    row = await tx.fetchrow(_LOCK, dossier_id, *sight.columns)
    return dossier_of(row) if row else None


async def look_at(tx: Tx, dossier_id: UUID, dialect: Dialect, headings: Sequence[str], read: tuple[int, int]) -> None:
    """Write how a file is written; `read` are the bytes and lines up to the first row."""
    columns = dialect.encoding, dialect.bom, dialect.delimiter, headings
    await tx.execute(_LOOKED_AT, dossier_id, *columns, *read)


async def read_on(tx: Tx, dossier: Dossier, read: tuple[int, int], rows: int, refused: int, state: State) -> None:
    """Write how far a file is read, in bytes and lines, with so many rows more."""
    await tx.execute(_READ, dossier.dossier_id, *read, rows, refused, state, tx.now)


async def refuse(tx: Tx, dossier_id: UUID, fault: Fault) -> None:
    """Refuse a file as a whole."""
    await tx.execute(_REFUSE, dossier_id, orjson.dumps(fault).decode(), tx.now)


async def step(
    tx: Tx, dossier_id: UUID, state: State, floor: int, more: Mapping[Outcome, int], closing: str | None
) -> None:
    """Write what a step did to a locked file: so many more of each outcome."""
    await tx.execute(_STEP, dossier_id, state, floor, *(more.get(one, 0) for one in Outcome), closing, tx.now)


async def close(tx: Tx, dossier_id: UUID, code: str | None, late: bool = False) -> None:
    """From now on rows that are open are refused with this code; `late` is kept once it is true."""
    await tx.execute(_CLOSE, dossier_id, code, late)


async def find(pool: Pool, sight: Sight, dossier_id: UUID, brand: str | None) -> Record | None:
    """A file to be shown to somebody who may see it."""
    return await pool.fetchrow(_FIND, *sight.columns, dossier_id, brand)


async def listed(
    pool: Pool, sight: Sight, brand: str | None, state: str | None, late: bool | None,
    after: tuple[datetime | None, UUID | None], limit: int,
) -> list[Any]:  # fmt: skip
    """The files that somebody may see, newest first."""
    return await pool.fetch(_LIST, *sight.columns, brand, state, late, *after, limit)

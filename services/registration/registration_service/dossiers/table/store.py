"""Every SQL statement about the rows of bulk files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from chassis.database import Pool, Tx
from registration_service.dossiers.domain import Outcome, Row, Settled

_STAGED: Final = ("dossier_id", "position", "line", "cells", "serial", "outcome", "code", "faults")
_PENDING: Final = """
SELECT position, line, cells FROM dossier_rows WHERE dossier_id = $1 AND position > $2 AND outcome IS NULL
ORDER BY position LIMIT $3
"""
_SETTLE: Final = """
UPDATE dossier_rows r SET outcome = d.outcome, code = d.code, faults = d.faults, awaited = d.awaited,
  product_id = d.product_id, redemption_id = d.redemption_id, contest_id = d.contest_id,
  cells = CASE WHEN ($2 AND d.outcome = 'registered') OR d.awaited IS NOT NULL THEN r.cells END
FROM unnest($3::int[], $4::text[], $5::text[], $6::json[], $7::text[], $8::uuid[], $9::uuid[], $10::uuid[])
  AS d(position, outcome, code, faults, awaited, product_id, redemption_id, contest_id)
WHERE r.dossier_id = $1 AND r.position = d.position
"""
_CLOSE: Final = """
WITH chosen AS (
  SELECT position, outcome, awaited, faults -> 0 AS fault FROM dossier_rows WHERE dossier_id = $1
    AND ((outcome IS NULL AND $3) OR awaited IS NOT NULL) ORDER BY position LIMIT $2
), closed AS (
  UPDATE dossier_rows r SET outcome = 'refused', code = $4, awaited = NULL, cells = NULL,
    faults = json_build_array(json_build_object('code', $4::text, 'column', fault ->> 'column',
      'value', regexp_replace(c.awaited, '^[^:]*:[^:]*:', ''), 'details', $5::json))
  FROM chosen c WHERE r.dossier_id = $1 AND r.position = c.position
)
SELECT count(*) AS closed, count(*) FILTER (WHERE outcome = 'parked') AS parked FROM chosen
"""
# One step through the index for each thing awaited, however many rows await it.
_AWAITED: Final = """
WITH RECURSIVE things AS (
  (SELECT awaited FROM dossier_rows WHERE awaited > $1 ORDER BY awaited LIMIT 1)
  UNION ALL
  SELECT next.awaited FROM things,
    LATERAL (SELECT awaited FROM dossier_rows WHERE awaited > things.awaited ORDER BY awaited LIMIT 1) AS next
)
SELECT awaited FROM things LIMIT $2
"""
_WAKE: Final = """
WITH ready AS (
  SELECT dossier_id FROM dossiers WHERE state IN ('running', 'waiting') AND closing IS NULL
    AND dossier_id IN (SELECT dossier_id FROM dossier_rows WHERE awaited = ANY($1)) FOR UPDATE SKIP LOCKED
), woken AS (
  UPDATE dossier_rows SET outcome = NULL, code = NULL, faults = NULL, awaited = NULL
  WHERE awaited = ANY($1) AND (dossier_id, position) IN (
    SELECT r.dossier_id, r.position FROM dossier_rows r JOIN ready USING (dossier_id) WHERE awaited = ANY($1) LIMIT $2)
  RETURNING dossier_id, position
), each AS (SELECT dossier_id, count(*)::int AS rows, min(position) AS first FROM woken GROUP BY dossier_id)
UPDATE dossiers d SET state = 'running', parked = parked - each.rows, floor = least(floor, each.first - 1),
  version = version + 1
FROM each WHERE d.dossier_id = each.dossier_id RETURNING each.rows
"""
_TAKEN: Final = "SELECT certificate, taken FROM dossier_units WHERE dossier_id = $1 AND certificate = ANY($2)"
_TAKE: Final = """
INSERT INTO dossier_units (dossier_id, certificate, taken)
SELECT $1, certificate, taken FROM unnest($2::text[], $3::int[]) AS more(certificate, taken)
ON CONFLICT (dossier_id, certificate) DO UPDATE SET taken = dossier_units.taken + excluded.taken
"""
_EARLIER: Final = """
SELECT position, line, cells FROM dossier_rows
WHERE dossier_id = $1 AND serial = ANY($2) AND position < $3 AND outcome = 'registered' ORDER BY position
"""
_FORGET: Final = (
    "UPDATE dossier_rows SET cells = NULL, serial = NULL WHERE dossier_id = $1 AND serial IS NOT NULL",
    "DELETE FROM dossier_units WHERE dossier_id = $1",
)
_PAGE: Final = """
SELECT position, line, outcome, code, faults, product_id, redemption_id, contest_id FROM dossier_rows
WHERE dossier_id = $1 AND position > $2 AND ($3::text IS NULL OR outcome = $3 OR ($3 = 'pending' AND outcome IS NULL))
ORDER BY position LIMIT $4
"""


async def stage(tx: Tx, dossier_id: UUID, dry_run: bool, rows: Sequence[tuple[Row, Settled | None]]) -> None:
    """Write rows as they were read; those that cannot be a registration have their outcome at once."""
    await tx.connection.copy_records_to_table(
        "dossier_rows", columns=_STAGED, records=[_record(dossier_id, dry_run, *row) for row in rows]
    )


def _record(dossier_id: UUID, dry_run: bool, row: Row, outcome: Settled | None) -> tuple[Any, ...]:
    serial = row.cells.get("serial", "").upper() if dry_run else None
    cells = None if outcome else orjson.dumps(row.cells).decode()
    said = (outcome.outcome, outcome.faults[0].code, _json(outcome)) if outcome else (None, None, None)
    return (dossier_id, row.position, row.line, cells, serial, *said)


def _json(outcome: Settled) -> str | None:
    return orjson.dumps(list(outcome.faults)).decode() if outcome.faults else None


async def unstage(tx: Tx, dossier_id: UUID) -> None:
    """Forget the rows of a file that is refused as a whole."""
    await tx.execute("DELETE FROM dossier_rows WHERE dossier_id = $1", dossier_id)


async def pending(tx: Tx, dossier_id: UUID, floor: int, limit: int) -> list[Row]:
    """Rows that were not tried yet, in the order of the file."""
    return [_row(row) for row in await tx.fetch(_PENDING, dossier_id, floor, limit)]


def _row(row: Record) -> Row:
    return Row(row["position"], row["line"], orjson.loads(row["cells"]))


async def settle(tx: Tx, dossier_id: UUID, keep_cells: bool, rows: Sequence[Settled]) -> None:
    """Write outcomes. The cells of a row that is done are forgotten unless its dry run may need them."""
    if rows:
        await tx.execute(
            _SETTLE,
            dossier_id,
            keep_cells,
            [row.position for row in rows],
            [row.outcome for row in rows],
            [row.faults[0].code if row.faults else None for row in rows],
            [_json(row) for row in rows],
            [row.awaited for row in rows],
            [row.product_id for row in rows],
            [row.redemption_id for row in rows],
            [row.contest_id for row in rows],
        )


async def close(tx: Tx, dossier_id: UUID, code: str, untried: bool, details: Mapping[str, Any], limit: int) -> Record:
    """Refuse some parked rows, and untried ones too if told so; how many, and how many of them were parked."""
    row = await tx.fetchrow(_CLOSE, dossier_id, limit, untried, code, orjson.dumps(details).decode())
    assert row is not None  # an aggregate always gives one row
    return row


async def awaited(tx: Tx, after: str, limit: int) -> list[str]:
    """What parked rows wait for, each thing once, in a stable order from `after` on."""
    return [row["awaited"] for row in await tx.fetch(_AWAITED, after, limit)]


async def wake(tx: Tx, things: Sequence[str], limit: int) -> int:
    """Let rows that waited for one of these be tried again; how many."""
    return sum(row["rows"] for row in await tx.fetch(_WAKE, things, limit))


async def taken(tx: Tx, dossier_id: UUID, certificates: Sequence[str]) -> dict[str, int]:
    """Units that the rows of a dry run so far would have taken, by certificate."""
    return {row["certificate"]: row["taken"] for row in await tx.fetch(_TAKEN, dossier_id, certificates)}


async def take(tx: Tx, dossier_id: UUID, units: Mapping[str, int]) -> None:
    """Count units that rows of a dry run would take."""
    await tx.execute(_TAKE, dossier_id, list(units), list(units.values()))


async def earlier(tx: Tx, dossier_id: UUID, serials: Sequence[str], before: int) -> list[Row]:
    """Rows of a dry run before a position that would register one of these serials."""
    return [_row(row) for row in await tx.fetch(_EARLIER, dossier_id, serials, before)]


async def forget(tx: Tx, dossier_id: UUID) -> None:
    """Forget what a dry run needed while it lasted: nobody's name and address stays in its rows."""
    for query in _FORGET:
        await tx.execute(query, dossier_id)


async def page(pool: Pool, dossier_id: UUID, after: int, outcome: Outcome | str | None, limit: int) -> list[Record]:
    """Rows with their outcomes, in the order of the file, from after a position on."""
    return await pool.fetch(_PAGE, dossier_id, after, outcome, limit)


async def next_row(tx: Tx, first: bool) -> None:
    """From here on a row can be taken back; the one before it no longer can.

    Locks are waited for shorter than the server waits to look for a deadlock: it is never a form that has to give way.
    """
    before = "SET LOCAL lock_timeout = '400ms'" if first else "RELEASE SAVEPOINT one_row"
    await tx.execute(f"{before}; SAVEPOINT one_row")


async def take_back(tx: Tx) -> None:
    """Take back what the row wrote."""
    await tx.execute("ROLLBACK TO SAVEPOINT one_row")

"""Every SQL statement about whose turn it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from chassis.database import Pool, Tx

_NEXT: Final = """
SELECT * FROM dossiers WHERE state = 'running' AND (retry_at IS NULL OR retry_at <= $1)
ORDER BY served_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# The lock is the session's: it ends with the connection, and so with the process. Nobody reads a file twice at once.
_UNREAD: Final = """
SELECT dossier_id FROM (
  SELECT dossier_id FROM dossiers WHERE state IN ('received', 'reading') AND (retry_at IS NULL OR retry_at <= $1)
  ORDER BY served_at LIMIT 20) AS unread
WHERE pg_try_advisory_lock(hashtextextended(dossier_id::text, 19)) LIMIT 1
"""
_PUT_BACK: Final = "UPDATE dossiers SET served_at = $2 WHERE dossier_id = $1"
_SET_ASIDE: Final = """
UPDATE dossiers SET served_at = $2, attempts = attempts + 1, trouble = $3, version = version + 1,
  retry_at = $2::timestamptz + least(interval '1 hour', interval '1 second' * 2 ^ least(attempts, 12))
WHERE dossier_id = $1
"""
_COUNT: Final = """
SELECT (SELECT count(*) FROM dossiers WHERE late AND completed_at IS NULL) AS late, (SELECT count(*) FROM dossiers
  WHERE state IN ('received', 'reading', 'running') AND retry_at IS NOT NULL) AS set_aside
"""


async def take_next(tx: Tx) -> Record | None:
    """The file with rows to try that waited longest, locked; those that others work on are passed over."""
    return await tx.fetchrow(_NEXT, tx.now)


@asynccontextmanager
async def unread(pool: Pool, now: datetime) -> AsyncIterator[UUID | None]:
    """The file that waits longest to be read, for nobody else as long as the block lasts."""
    async with pool.acquire() as connection:
        yield await connection.fetchval(_UNREAD, now)


async def put_back(tx: Tx, dossier_id: UUID) -> None:
    """Let others go first."""
    await tx.execute(_PUT_BACK, dossier_id, tx.now)


async def set_aside(tx: Tx, dossier_id: UUID, trouble: str) -> None:
    """Let it rest for seconds, and longer each time, up to an hour."""
    await tx.execute(_SET_ASIDE, dossier_id, tx.now, trouble)


async def count(pool: Pool) -> tuple[int, int]:
    """Files whose day is over and that are not done; files set aside."""
    row = await pool.fetchrow(_COUNT)
    assert row is not None  # it selects two numbers
    return row["late"], row["set_aside"]

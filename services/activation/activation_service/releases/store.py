"""Every SQL statement about releases of software."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from activation_service.releases.domain import Release
from chassis.database import Pool, Tx

_COLUMNS: Final = "release_id, brand, software, version, released_on, download_url, document_id"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM releases
WHERE brand = $1 AND software = $2 AND released_on <= $3
  AND ($4::timestamptz IS NULL OR (released_on, release_id) < (($4 AT TIME ZONE 'UTC')::date, $5::uuid))
ORDER BY released_on DESC, release_id DESC LIMIT $6
"""


async def add(tx: Tx, release: Release, by: str) -> bool:
    """Keep a release; False when this version is known already."""
    done = await tx.execute(
        f"INSERT INTO releases ({_COLUMNS}, loaded_by, loaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (brand, software, version) DO NOTHING",
        release.release_id,
        release.brand,
        release.software,
        release.version,
        release.released_on,
        release.download_url,
        release.document_id,
        by,
        tx.now,
    )
    return done == "INSERT 0 1"


async def page(
    pool: Pool, brand: str, software: str, until: date, before: tuple[datetime | None, UUID | None], limit: int
) -> list[Release]:
    """What was released until a day, inclusive, newest first."""
    rows = await pool.fetch(_PAGE, brand, software, until, *before, limit)
    return [Release(**row) for row in rows]


async def find(pool: Pool, release_id: UUID) -> Release | None:
    """One release."""
    row = await pool.fetchrow(f"SELECT {_COLUMNS} FROM releases WHERE release_id = $1", release_id)
    return Release(**row) if row else None

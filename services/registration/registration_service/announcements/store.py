"""Every SQL statement about announcements."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from chassis.database import Pool, Tx
from registration_service.announcements.domain import Announcement, Audience

_COLUMNS: Final = (
    "announcement_id, brand, kind, title, body, countries, roles, valid_from, valid_until, starts_at, ends_at, "
    "document_id, withdrawn_at"
)
_CONCERNS: Final = """
  ($1::text IS NULL OR brand = $1)
  AND ($2::boolean OR ((countries = '{}' OR $4::text = ANY (countries)) AND (roles = '{}' OR $3::text = ANY (roles))))
"""
_NOW: Final = "withdrawn_at IS NULL AND valid_from <= $5 AND valid_until > $5"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM announcements
WHERE {_CONCERNS} AND ($6::boolean OR ({_NOW})) AND ($7::text IS NULL OR brand = $7) AND ($8::text IS NULL OR kind = $8)
  AND ($9::timestamptz IS NULL OR (valid_from, announcement_id) < ($9, $10::uuid))
ORDER BY valid_from DESC, announcement_id DESC LIMIT $11
"""
_FIND: Final = f"""
SELECT {_COLUMNS} FROM announcements WHERE {_CONCERNS} AND ($6::boolean OR ({_NOW})) AND announcement_id = $7
"""
_DOWNTIMES: Final = f"""
SELECT {_COLUMNS} FROM announcements
WHERE brand = $1 AND kind = 'downtime' AND roles = '{{}}' AND withdrawn_at IS NULL AND valid_from <= $2 AND ends_at > $2
  AND ($3::text IS NULL OR countries = '{{}}' OR $3 = ANY (countries))
ORDER BY starts_at, announcement_id LIMIT $4
"""


async def publish(tx: Tx, announcement: Announcement, by: str) -> None:
    """Write a new announcement."""
    await tx.execute(
        f"INSERT INTO announcements ({_COLUMNS}, published_at, published_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        announcement.announcement_id,
        announcement.brand,
        announcement.kind,
        orjson.dumps(dict(announcement.title)).decode(),
        orjson.dumps(dict(announcement.body)).decode(),
        announcement.countries,
        announcement.roles,
        announcement.valid_from,
        announcement.valid_until,
        announcement.starts_at,
        announcement.ends_at,
        announcement.document_id,
        announcement.withdrawn_at,
        tx.now,
        by,
    )


async def lock(tx: Tx, announcement_id: UUID, brand: str | None) -> Announcement | None:
    """An announcement of the brand, or of any, held until the transaction ends."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM announcements WHERE announcement_id = $1 AND ($2::text IS NULL OR brand = $2) "
        "FOR UPDATE",
        announcement_id,
        brand,
    )
    return announcement_of(row) if row else None


async def withdraw(tx: Tx, announcement_id: UUID) -> None:
    """Show a locked announcement no more."""
    await tx.execute("UPDATE announcements SET withdrawn_at = $2 WHERE announcement_id = $1", announcement_id, tx.now)


async def page(
    pool: Pool,
    audience: Audience,
    now: datetime,
    *,
    any_period: bool,
    brand: str | None,
    kind: str | None,
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[asyncpg.Record]:
    """What concerns somebody, newest period first; one more than `limit` when there are more."""
    reader = _columns(audience)
    return await pool.fetch(_PAGE, *reader, now, any_period, brand, kind, *after, limit + 1)


async def find(
    pool: Pool, announcement_id: UUID, audience: Audience, now: datetime, *, any_period: bool
) -> Announcement | None:
    """One announcement, None when it does not concern this reader now."""
    row = await pool.fetchrow(_FIND, *_columns(audience), now, any_period, announcement_id)
    return announcement_of(row) if row else None


async def downtimes(pool: Pool, brand: str, now: datetime, country: str | None, limit: int) -> list[Announcement]:
    """The brand's downtimes to come or on that everybody may know of, the next one first."""
    return [announcement_of(row) for row in await pool.fetch(_DOWNTIMES, brand, now, country, limit)]


def _columns(audience: Audience) -> tuple[Any, ...]:
    return audience.brand, audience.everything, audience.role, audience.country


def announcement_of(row: asyncpg.Record) -> Announcement:
    """A row as an announcement."""
    columns = dict(row)
    columns |= {name: orjson.loads(columns[name]) for name in ("title", "body")}
    columns |= {name: tuple(columns[name]) for name in ("countries", "roles")}
    return Announcement(**columns)

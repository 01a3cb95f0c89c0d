"""Every SQL statement about sites."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from activation_service.sites.domain import Address, Site
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_COLUMNS: Final = """site_id, site_number, brand, name, street, postal_code, city, country, time_zone, contact_hint,
  owner, organisation_id, customer_id, created_at, closed_at"""
_ADD: Final = f"""
INSERT INTO sites ({_COLUMNS}, place, folded_text, folded_postal_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""
_AT_PLACE: Final = """
SELECT site_number FROM sites
WHERE brand = $1 AND (owner = $2 OR organisation_id = $5) AND customer_id IS NOT DISTINCT FROM $3 AND place = $4
  AND closed_at IS NULL ORDER BY (owner = $2) DESC, created_at LIMIT 1
"""
_CHANGE: Final = """
UPDATE sites SET name = $2, street = $3, postal_code = $4, city = $5, time_zone = $6, contact_hint = $7,
  closed_at = $8, folded_text = $9, folded_postal_code = $10 WHERE site_id = $1
"""
_SEEN: Final = f"($1::text IS NULL OR brand = $1) AND ({seen(2)} OR customer_id = $4)"
_FIND: Final = f"SELECT {_COLUMNS} FROM sites WHERE site_number = $5 AND {_SEEN}"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM sites WHERE {_SEEN} AND ($5::text IS NULL OR brand = $5)
  AND ($6::text IS NULL OR replace(site_number, '-', '') COLLATE "C" BETWEEN $6 AND $6 || '~')
  AND folded_text LIKE ALL ($7::text[])
  AND ($8::text IS NULL OR starts_with(folded_postal_code, $8)) AND ($9::text IS NULL OR country = $9)
  AND ($10::boolean IS NULL OR (closed_at IS NULL) = $10)
  AND ($11::timestamptz IS NULL OR (created_at, site_id) < ($11, $12::uuid))
ORDER BY created_at DESC, site_id DESC LIMIT $13
"""


async def hold_place(tx: Tx, place: str) -> None:
    """Nobody else makes a site at a place until the transaction ends."""
    # seed 11: others lock with 0 (keys of commands), 2 (products), 3 (catalogues), 9 (licence keys), 10 (codes)
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 11))", place)


async def add(tx: Tx, site: Site, place: str, found_by: tuple[str, str]) -> None:
    """Write a new site at a place that is held.

    `found_by` is what a search looks through: name and address, and the postal code alone.
    """
    there, told = site.address, (site.owner, site.organisation_id, site.customer_id, site.created_at, site.closed_at)
    await tx.execute(
        _ADD,
        *(site.site_id, site.number, site.brand, site.name),
        *(there.street, there.postal_code, there.city, there.country, site.time_zone, site.contact_hint),
        *told,
        place,
        *found_by,
    )


async def at_place(tx: Tx, site: Site, place: str, shared: UUID | None) -> str | None:
    """The number of the open site at a place that the account of a new one has.

    Or its organisation, `shared`, where its members see each other's files.
    """
    number: str | None = await tx.fetchval(_AT_PLACE, site.brand, site.owner, site.customer_id, place, shared)
    return number


async def change(tx: Tx, site: Site, found_by: tuple[str, str]) -> None:
    """Write what became of a locked site; its place stays."""
    there = site.address
    await tx.execute(
        _CHANGE,
        *(site.site_id, site.name, there.street, there.postal_code, there.city, site.time_zone),
        *(site.contact_hint, site.closed_at),
        *found_by,
    )


async def find(db: Pool | Tx, whose: Whose, number: str) -> Site | None:
    """A site that somebody may see."""
    row = await db.fetchrow(_FIND, *whose.arguments, number)
    return site_in(row) if row else None


async def lock(tx: Tx, whose: Whose, number: str) -> Site | None:
    """The same, held until the transaction ends."""
    row = await tx.fetchrow(f"{_FIND} FOR UPDATE", *whose.arguments, number)
    return site_in(row) if row else None


async def share(tx: Tx, whose: Whose, number: str) -> Site | None:
    """The same, kept from being changed or closed until the transaction ends."""
    row = await tx.fetchrow(f"{_FIND} FOR SHARE", *whose.arguments, number)
    return site_in(row) if row else None


async def page(
    pool: Pool, whose: Whose, asked: Sequence[Any], after: tuple[datetime | None, UUID | None], limit: int
) -> list[asyncpg.Record]:
    """Sites that somebody may see, newest first.

    `asked` is brand, beginning of the number without hyphens, patterns that the text has, beginning of the postal
    code, country, and whether they are open.
    """
    return await pool.fetch(_PAGE, *whose.arguments, *asked, *after, limit)


def site_in(row: asyncpg.Record) -> Site:
    """A row as a site."""
    told = dict(row)
    address = Address(**{name: told.pop(name) for name in Address.model_fields})
    return Site(number=told.pop("site_number"), address=address, **told)

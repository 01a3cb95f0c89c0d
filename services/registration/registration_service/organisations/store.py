"""Every SQL statement about organisations and searches for them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.database import Pool, Tx
from registration_service.organisations.domain import (
    RECEIPT_LIFETIME,
    SHORTEST_SEARCH,
    SHOWN,
    MembersSee,
    Organisation,
    fold,
)

_COLUMNS: Final = "organisation_id, brand, name, street, postal_code, city, country, vat_number, members_see"
_CREATE: Final = f"""
INSERT INTO organisations
  ({_COLUMNS}, folded_name, folded_postal_code, folded_text, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (brand, folded_name, country, folded_postal_code) DO NOTHING RETURNING true
"""
_READ: Final = f"SELECT {_COLUMNS} FROM organisations WHERE organisation_id = $1"
_SEARCH: Final = f"""
SELECT {_COLUMNS} FROM organisations WHERE brand = $1 AND folded_text LIKE ALL ($2::text[])
ORDER BY folded_name, organisation_id LIMIT {SHOWN + 1}
"""
# What has all words of the new name in its country, and whose whole name is in what the new one is found by.
_SIMILAR: Final = f"""
SELECT {_COLUMNS} FROM organisations WHERE brand = $1 AND country = $2
  AND (' ' || folded_text || ' ' LIKE ALL ($3::text[]) OR string_to_array(folded_name, ' ') <@ $4::text[])
ORDER BY folded_name <> $5, folded_name, organisation_id LIMIT {SHOWN}
"""
# Two that are alike are created one after the other, so that the second sees the first.
_HOLD_COUNTRY: Final = """
SELECT pg_advisory_xact_lock(hashtextextended('organisations of ' || $1::text || ' in ' || $2::text, 0))
"""
_LEAVE: Final = "INSERT INTO searches (search_id, searcher, words, searched_at) VALUES ($1, $2, $3, $4)"
_RECEIPT: Final = "SELECT words FROM searches WHERE search_id = $1 AND searcher = $2 AND searched_at >= $3"
_SEE: Final = "UPDATE organisations SET members_see = $2 WHERE organisation_id = $1"


async def create(tx: Tx, new: Organisation, by: UUID) -> bool:
    """Write an organisation; False when there is one of this name at this place."""
    written = await tx.fetchval(
        _CREATE,
        new.organisation_id,
        new.brand,
        new.name,
        new.street,
        new.postal_code,
        new.city,
        new.country,
        new.vat_number,
        new.members_see,
        fold(new.name),
        fold(new.postal_code).replace(" ", ""),
        new.found_by,
        by,
        tx.now,
    )
    return bool(written)


async def read(where: Pool | Tx, organisation_id: UUID) -> Organisation | None:
    """An organisation as it stands."""
    row = await where.fetchrow(_READ, organisation_id)
    return Organisation(**row) if row else None


async def lock(tx: Tx, organisation_id: UUID) -> Organisation | None:
    """An organisation, locked: what is decided about its members is decided one after the other."""
    row = await tx.fetchrow(f"{_READ} FOR UPDATE", organisation_id)
    return Organisation(**row) if row else None


async def search(pool: Pool, brand: str, words: list[str]) -> list[Organisation]:
    """Those that have every word, by name; one more than is shown. The words are letters and digits only."""
    rows = await pool.fetch(_SEARCH, brand, [f"%{word}%" for word in words])
    return [Organisation(**row) for row in rows]


async def similar(tx: Tx, new: Organisation) -> list[Organisation]:
    """Organisations that a new one might be, the likeliest first; nobody else creates one there until this is done."""
    await tx.execute(_HOLD_COUNTRY, new.brand, new.country)
    name = fold(new.name)
    # short words are whole ones: an A or a 2 begins too much
    words = [f"% {word}%" if len(word) >= SHORTEST_SEARCH else f"% {word} %" for word in name.split()]
    rows = await tx.fetch(_SIMILAR, new.brand, new.country, words, new.found_by.split(), name)
    return [Organisation(**row) for row in rows]


async def leave_receipt(pool: Pool, search_id: UUID, searcher: str, words: list[str], now: datetime) -> None:
    """Note that somebody searched."""
    await pool.execute(_LEAVE, search_id, searcher, words, now)


async def receipt(tx: Tx, search_id: UUID, searcher: str) -> list[str] | None:
    """The words of somebody's search that is not over."""
    words: list[str] | None = await tx.fetchval(_RECEIPT, search_id, searcher, tx.now - RECEIPT_LIFETIME)
    return words


async def let_members_see(tx: Tx, organisation_id: UUID, members_see: MembersSee) -> None:
    """Write what members see."""
    await tx.execute(_SEE, organisation_id, members_see)


async def forget_receipts(tx: Tx) -> None:
    """Drop the receipts that are over."""
    await tx.execute("DELETE FROM searches WHERE searched_at < $1", tx.now - RECEIPT_LIFETIME)

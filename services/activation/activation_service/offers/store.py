"""The SQL of the catalogue."""

from typing import Final

import asyncpg

from activation_service.offers.domain import Listed, content_of
from activation_service.policy import Offer
from chassis.database import Pool, Tx

_COLUMNS: Final = "brand, content, revision, on_sale, entry_digest"
_PUT: Final = """
INSERT INTO offers (brand, reference, offer_id, revision, content, on_sale, entry_digest, published_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (brand, reference) DO UPDATE
SET revision = excluded.revision, content = excluded.content, on_sale = excluded.on_sale,
    entry_digest = excluded.entry_digest, published_at = excluded.published_at
"""


async def hold(tx: Tx, brand: str) -> None:
    """One change of a brand's catalogue at a time, also of an offer that has no row yet."""
    # seed 3: others lock with 0 (keys of commands) and 2 (products)
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 3))", brand)


async def find(reader: Tx | Pool, brand: str, reference: str) -> Listed | None:
    """One offer as it stands."""
    row = await reader.fetchrow(f"SELECT {_COLUMNS} FROM offers WHERE brand = $1 AND reference = $2", brand, reference)
    return _listed(row) if row else None


async def of_brand(reader: Tx | Pool, brand: str) -> dict[str, Listed]:
    """A brand's offers by reference."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM offers WHERE brand = $1 ORDER BY reference", brand)
    found = [_listed(row) for row in rows]
    return {one.offer.reference: one for one in found}


async def put(tx: Tx, listed: Listed) -> None:
    """Write an offer as it stands from now on; the brand's catalogue is held."""
    await tx.execute(
        _PUT,
        listed.brand,
        listed.offer.reference,
        listed.offer_id,
        listed.revision,
        content_of(listed.offer),
        listed.on_sale,
        listed.entry_digest,
        tx.now,
    )


def _listed(row: asyncpg.Record) -> Listed:
    offer = Offer.model_validate_json(row["content"])
    return Listed(row["brand"], offer, row["revision"], row["on_sale"], row["entry_digest"])

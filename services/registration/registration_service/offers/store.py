"""Every SQL statement about offers."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from chassis.database import Pool, Tx
from registration_service.offers.domain import Offer

_COLUMNS: Final = "brand, reference, name_en, name_fr, name_nl, models, extends_warranty, code_days, on_sale"
_NOTE: Final = f"""
INSERT INTO offers AS o ({_COLUMNS}, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (brand, reference) DO UPDATE SET name_en = $3, name_fr = $4, name_nl = $5, models = $6,
  extends_warranty = $7, code_days = $8, on_sale = $9, revision = $10
WHERE o.revision < $10
"""
_SELECT: Final = f"SELECT {_COLUMNS} FROM offers"


async def note(tx: Tx, offer: Offer, revision: int) -> None:
    """Write an offer as a revision says, unless a higher one was heard."""
    await tx.execute(
        _NOTE,
        offer.brand,
        offer.reference,
        offer.name_en,
        offer.name_fr,
        offer.name_nl,
        offer.models,
        offer.extends_warranty,
        offer.code_days,
        offer.on_sale,
        revision,
    )


async def find(db: Pool | Tx, brand: str, reference: str) -> Offer | None:
    """One offer."""
    row = await db.fetchrow(f"{_SELECT} WHERE brand = $1 AND reference = $2", brand, reference)
    return _offer(row) if row else None


async def of_brands(db: Pool | Tx, brands: Sequence[str]) -> list[Offer]:
    """The offers of some brands, by brand and reference."""
    query = f'{_SELECT} WHERE brand = ANY($1::text[]) ORDER BY brand, reference COLLATE "C"'
    return [_offer(row) for row in await db.fetch(query, brands)]


async def is_empty(db: Pool | Tx) -> bool:
    """Whether nothing has been heard of any brand's."""
    return not await db.fetchval("SELECT EXISTS (SELECT FROM offers)")


def _offer(row: asyncpg.Record) -> Offer:
    return Offer(**{**row, "models": tuple(row["models"])})

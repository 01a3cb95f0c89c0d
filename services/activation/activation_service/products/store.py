"""Every SQL statement about products.

Each group of columns keeps the id of the latest fact about it (UUIDv7: ids go with time), so that facts may come in
any order, and again.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from activation_service.products.domain import Holding, Product
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_COLUMNS: Final = """product_id, brand, serial, model, purchased_on, warranty_ends_on, customer_id, owner,
  organisation_id, CASE WHEN moved_for = customer_id THEN country END AS country"""
_ADD: Final = """
INSERT INTO products (product_id, brand, serial, model) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_DATE: Final = """
UPDATE products SET purchased_on = $2, warranty_ends_on = $3, registered_by_fact = $4
WHERE product_id = $1 AND (registered_by_fact IS NULL OR registered_by_fact < $4)
"""
_HOLD: Final = """
UPDATE products SET customer_id = $2, owner = $3, organisation_id = $4, owned_by_fact = $5
WHERE product_id = $1 AND (owned_by_fact IS NULL OR owned_by_fact < $5)
"""
_MOVE: Final = """
UPDATE products SET country = $2, moved_for = $3, moved_by_fact = $4
WHERE product_id = $1 AND (moved_by_fact IS NULL OR moved_by_fact < $4)
"""
_READ: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = $1"
_READ_ALL: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = ANY($1::uuid[])"
# What is nobody's is shown to nobody, as at registration.
_SEEN: Final = f"""customer_id IS NOT NULL AND ($1::text IS NULL OR products.brand = $1)
  AND ({seen(2, "products")} OR products.customer_id = $4)"""
_FIND: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = $5 AND {_SEEN}"
_FIND_BY_SERIAL: Final = f"""
SELECT {_COLUMNS} FROM products
WHERE brand = $5 AND serial = $6 AND ($7::text IS NULL OR model = $7) AND {_SEEN} ORDER BY model
"""
# Ids are made when a product is first registered, so their order is that of time.
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM products
WHERE ($5::text IS NULL OR brand = $5) AND ($6::text IS NULL OR serial = $6) AND ($7::text IS NULL OR model = $7)
  AND ($8::uuid IS NULL OR product_id < $8) AND {_SEEN} ORDER BY product_id DESC LIMIT $9
"""


async def add(tx: Tx, product_id: UUID, brand: str, serial: str, model: str) -> None:
    """Keep what never changes of a product; known before, it stays."""
    await tx.execute(_ADD, product_id, brand, serial, model)


async def date_warranty(tx: Tx, product_id: UUID, purchased_on: date, warranty_ends_on: date, fact: UUID) -> None:
    """Keep the days of the standard warranty, unless a later fact has told them."""
    await tx.execute(_DATE, product_id, purchased_on, warranty_ends_on, fact)


async def hold(tx: Tx, product_id: UUID, holding: Holding, fact: UUID) -> None:
    """Keep whose a product is, unless a later fact has told it."""
    await tx.execute(_HOLD, product_id, holding.customer_id, holding.owner, holding.organisation_id, fact)


async def move(tx: Tx, product_id: UUID, country: str, customer_id: UUID, fact: UUID) -> None:
    """Keep where a move brought a product, unless a later fact has told it."""
    await tx.execute(_MOVE, product_id, country, customer_id, fact)


async def read(db: Pool | Tx, product_id: UUID) -> Product | None:
    """A product as it stands, whoever asks."""
    row = await db.fetchrow(_READ, product_id)
    return Product(**row) if row else None


async def read_all(db: Pool | Tx, product_ids: Sequence[UUID]) -> list[Product]:
    """Those of some products that there are, in any order."""
    return [Product(**row) for row in await db.fetch(_READ_ALL, product_ids)]


async def find(db: Pool | Tx, whose: Whose, product_id: UUID) -> Product | None:
    """A product that somebody may see."""
    row = await db.fetchrow(_FIND, *whose.arguments, product_id)
    return Product(**row) if row else None


async def find_by_serial(db: Pool | Tx, whose: Whose, brand: str, serial: str, model: str | None) -> list[Product]:
    """The products with a serial number (canonical) that somebody may see, one for each model."""
    rows = await db.fetch(_FIND_BY_SERIAL, *whose.arguments, brand, serial, model)
    return [Product(**row) for row in rows]


async def page(
    pool: Pool, whose: Whose, asked: tuple[str | None, str | None, str | None], after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Products that somebody may see, newest first; `asked` is brand, serial and model (canonical)."""
    return await pool.fetch(_PAGE, *whose.arguments, *asked, after, limit)

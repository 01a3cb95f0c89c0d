"""Every SQL statement about products; what they redeemed stands beside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.caller import Whose, seen
from chassis.database import Pool, Tx
from registration_service.products.domain import Product

_COLUMNS: Final = """product_id, brand, model, serial, purchased_on, warranty_ends_on, customer_id, owner,
  organisation_id, registered_as, proof_of_purchase, released_at IS NOT NULL AS released,
  given_up_at IS NOT NULL AS given_up"""
_TURN: Final = "pg_advisory_xact_lock(hashtextextended({} || chr(31) || {}, 4))"
_QUEUE: Final = f"""
SELECT {_TURN.format("$1::text", "serial")}
FROM (SELECT serial FROM unnest($2::text[]) WITH ORDINALITY AS s (serial, place) ORDER BY place) AS sorted
"""
# Registrations of one serial number take turns, whether or not it is known: a batch waits for all of its own at first.
# The idle update locks the row of a product that is there already; the columns that count stay as they are.
_HOLD: Final = f"""
WITH turn AS MATERIALIZED (SELECT {_TURN.format("$2::text", "$4::text")})
INSERT INTO products AS p (product_id, brand, model, serial, purchased_on, warranty_ends_on, customer_id, owner,
  organisation_id, registered_as, proof_of_purchase, registered_at)
SELECT $1::uuid, $2, $3, $4, $5::date, $6::date, $7::uuid, $8, $9::uuid, $10, $11::uuid[], $12::timestamptz FROM turn
ON CONFLICT (brand, model, serial) DO UPDATE SET serial = p.serial RETURNING {_COLUMNS}
"""
_HAND_OVER: Final = f"""
UPDATE products SET purchased_on = $2, warranty_ends_on = $3, customer_id = $4, owner = $5, organisation_id = $6,
  registered_as = $7, proof_of_purchase = $8, released_at = NULL, given_up_at = NULL
WHERE product_id = $1 RETURNING {_COLUMNS}
"""
_LOCK: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = $1 FOR UPDATE"
# Whoever registers one more service for another's product sees that registration, and has no say about the product.
_SEEN: Final = f"($1::text IS NULL OR products.brand = $1) AND ({seen(2, 'products')} OR products.customer_id = $4)"
_FIND: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = $5 AND released_at IS NULL AND {_SEEN}"
_FIND_BY_SERIAL: Final = f"""
SELECT {_COLUMNS} FROM products
WHERE brand = $5 AND serial = $6 AND ($7::text IS NULL OR model = $7) AND released_at IS NULL AND {_SEEN}
ORDER BY model
"""
_SHOWN: Final = f"SELECT * FROM products WHERE product_id = $5 AND released_at IS NULL AND {_SEEN}"
_PAGE: Final = f"""
SELECT * FROM products WHERE ($5::text IS NULL OR brand = $5) AND ($6::text IS NULL OR serial = $6)
  AND ($7::timestamptz IS NULL OR (registered_at, product_id) < ($7, $8::uuid)) AND released_at IS NULL AND {_SEEN}
ORDER BY registered_at DESC, product_id DESC LIMIT $9
"""


async def queue(tx: Tx, brand: str, serials: Sequence[str]) -> None:
    """Wait until nobody else registers products with these serial numbers, in their order."""
    await tx.execute(_QUEUE, brand, serials)


async def hold(tx: Tx, product: Product) -> Product:
    """Write a product if it is new, lock it, and return it as it was registered first."""
    label = product.product_id, product.brand, product.model, product.serial
    days = product.purchased_on, product.warranty_ends_on
    row = await tx.fetchrow(_HOLD, *label, *days, *_whose(product), tx.now)
    assert row is not None  # an upsert always returns its row
    return Product(**row)


async def lock(tx: Tx, product_id: UUID) -> Product | None:
    """A product, locked; None when there is none with this id."""
    row = await tx.fetchrow(_LOCK, product_id)
    return Product(**row) if row else None


async def hand_over(tx: Tx, product: Product) -> Product:
    """Write whose a locked product is from now on, and since when its warranty runs."""
    days = product.purchased_on, product.warranty_ends_on
    row = await tx.fetchrow(_HAND_OVER, product.product_id, *days, *_whose(product))
    assert row is not None
    return Product(**row)


async def release(tx: Tx, product_id: UUID) -> None:
    """Make a locked product nobody's."""
    await tx.execute("UPDATE products SET released_at = $2 WHERE product_id = $1", product_id, tx.now)


async def give_up(tx: Tx, product_id: UUID) -> None:
    """Note that the customer of a locked product, which somebody else claims, does not keep it."""
    await tx.execute("UPDATE products SET given_up_at = $2 WHERE product_id = $1", product_id, tx.now)


async def keep(tx: Tx, product_id: UUID) -> None:
    """Note that the customer of a locked product, who had given it up, keeps it."""
    await tx.execute("UPDATE products SET given_up_at = NULL WHERE product_id = $1", product_id)


async def find(db: Pool | Tx, whose: Whose, product_id: UUID) -> Product | None:
    """A product as far as it may be seen."""
    row = await db.fetchrow(_FIND, *whose.arguments, product_id)
    return Product(**row) if row else None


async def find_by_serial(db: Pool | Tx, whose: Whose, brand: str, serial: str, model: str | None) -> list[Product]:
    """Products with a serial number as far as they may be seen, by model."""
    rows = await db.fetch(_FIND_BY_SERIAL, *whose.arguments, brand, serial, model)
    return [Product(**row) for row in rows]


async def shown(pool: Pool, whose: Whose, product_id: UUID) -> asyncpg.Record | None:
    """A product as far as it may be seen, with all its columns."""
    return await pool.fetchrow(_SHOWN, *whose.arguments, product_id)


async def columns(tx: Tx, product_id: UUID) -> asyncpg.Record:
    """All columns of a product that exists."""
    row = await tx.fetchrow("SELECT * FROM products WHERE product_id = $1", product_id)
    assert row is not None
    return row


async def page(
    pool: Pool,
    whose: Whose,
    wanted: tuple[str | None, str | None],
    before: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Any]:
    """Products that may be seen, newest first; `wanted` are brand and serial (canonical)."""
    return await pool.fetch(_PAGE, *whose.arguments, *wanted, *before, limit)


def _whose(product: Product) -> tuple[object, ...]:
    way = product.registered_as, product.proof_of_purchase
    return product.customer_id, product.owner, product.organisation_id, *way

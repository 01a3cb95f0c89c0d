"""Every SQL statement about products and what they redeemed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.caller import seen
from chassis.database import Pool, Tx
from registration_service.contacts.domain import Whose
from registration_service.products.domain import Product, Redemption, Registrant, Running

_COLUMNS: Final = """product_id, brand, model, serial, purchased_on, warranty_ends_on, customer_id, owner,
  organisation_id, released_at IS NOT NULL AS released, given_up_at IS NOT NULL AS given_up"""
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
  organisation_id, registered_at)
SELECT $1::uuid, $2, $3, $4, $5::date, $6::date, $7::uuid, $8, $9::uuid, $10::timestamptz FROM turn
ON CONFLICT (brand, model, serial) DO UPDATE SET serial = p.serial RETURNING {_COLUMNS}
"""
_HAND_OVER: Final = f"""
UPDATE products SET purchased_on = $2, warranty_ends_on = $3, customer_id = $4, owner = $5, organisation_id = $6,
  released_at = NULL, given_up_at = NULL WHERE product_id = $1 RETURNING {_COLUMNS}
"""
_LOCK: Final = f"SELECT {_COLUMNS} FROM products WHERE product_id = $1 FOR UPDATE"
_SERVICES: Final = """
SELECT redemption_id, certificate_id, service_reference, customer_id FROM redemptions
WHERE product_id = $1 AND cancelled_at IS NULL AND ended_on IS NULL ORDER BY redeemed_at, redemption_id
"""
# Whoever redeems anew does not give the product up.
_REDEEM: Final = """
WITH kept AS (UPDATE products SET given_up_at = NULL WHERE product_id = $2 AND given_up_at IS NOT NULL)
INSERT INTO redemptions (redemption_id, product_id, certificate_id, service_reference, redeemed_at, owner,
  organisation_id, customer_id, registered_as, proof_of_purchase)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# The product first, as everywhere.
_LIVE: Final = """
SELECT p.product_id, p.brand, p.model, p.serial, p.purchased_on, p.warranty_ends_on, p.customer_id, p.owner,
  p.organisation_id, r.certificate_id, r.service_reference, r.customer_id AS redeemed_for
FROM products p JOIN redemptions r USING (product_id)
WHERE r.redemption_id = $1 AND r.cancelled_at IS NULL FOR UPDATE
"""
_CANCEL: Final = """
UPDATE redemptions SET cancelled_at = $2, cancellation_reason = $3, cancellation_note = $4 WHERE redemption_id = $1
"""
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
    row = await tx.fetchrow(
        _HOLD,
        product.product_id,
        product.brand,
        product.model,
        product.serial,
        product.purchased_on,
        product.warranty_ends_on,
        product.customer_id,
        product.owner,
        product.organisation_id,
        tx.now,
    )
    assert row is not None  # an upsert always returns its row
    return Product(**row)


async def lock(tx: Tx, product_id: UUID) -> Product:
    """A product that exists, locked."""
    row = await tx.fetchrow(_LOCK, product_id)
    assert row is not None  # products are never deleted
    return Product(**row)


async def hand_over(tx: Tx, product: Product) -> Product:
    """Write whose a locked product is from now on, and since when its warranty runs."""
    days, whose = (product.purchased_on, product.warranty_ends_on), (product.owner, product.organisation_id)
    row = await tx.fetchrow(_HAND_OVER, product.product_id, *days, product.customer_id, *whose)
    assert row is not None
    return Product(**row)


async def release(tx: Tx, product_id: UUID) -> None:
    """Make a locked product nobody's."""
    await tx.execute("UPDATE products SET released_at = $2 WHERE product_id = $1", product_id, tx.now)


async def give_up(tx: Tx, product_id: UUID) -> None:
    """Note that the customer of a locked product, which somebody else claims, does not keep it."""
    await tx.execute("UPDATE products SET given_up_at = $2 WHERE product_id = $1", product_id, tx.now)


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


async def page(
    pool: Pool,
    whose: Whose,
    wanted: tuple[str | None, str | None],
    before: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Any]:
    """Products that may be seen, newest first; `wanted` are brand and serial (canonical)."""
    return await pool.fetch(_PAGE, *whose.arguments, *wanted, *before, limit)


async def services_of(db: Pool | Tx, product_id: UUID) -> list[Running]:
    """What a product has redeemed and nobody took back, oldest first."""
    return [Running(**row) for row in await db.fetch(_SERVICES, product_id)]


async def redeem(tx: Tx, redemption: Redemption, by: Registrant) -> None:
    """Tie a unit to a product."""
    await tx.execute(
        _REDEEM,
        redemption.redemption_id,
        redemption.product.product_id,
        redemption.certificate_id,
        redemption.service_reference,
        tx.now,
        by.owner,
        by.organisation_id,
        redemption.product.customer_id,
        by.registered_as,
        by.proof_of_purchase,
    )


async def lock_redemption(tx: Tx, redemption_id: UUID) -> Redemption | None:
    """A redemption that was not cancelled, locked together with its product."""
    row = await tx.fetchrow(_LIVE, redemption_id)
    if row is None:
        return None
    columns = dict(row)
    certificate_id, reference = columns.pop("certificate_id"), columns.pop("service_reference")
    return Redemption(redemption_id, certificate_id, reference, columns.pop("redeemed_for"), Product(**columns))


async def cancel(tx: Tx, redemption_id: UUID, reason: str, note: str | None) -> None:
    """Take a locked redemption back."""
    await tx.execute(_CANCEL, redemption_id, tx.now, str(reason), note)


async def end(tx: Tx, redemption_id: UUID, ended_on: date) -> None:
    """Write the last day of a redeemed service, early or not; it leaves its place to a new one.

    The earliest day that was said counts: whoever says it last, and however often, the row is the same.
    """
    await tx.execute(
        "UPDATE redemptions SET ended_on = least(ended_on, $2) WHERE redemption_id = $1", redemption_id, ended_on
    )

"""Every SQL statement about products and what they redeemed."""

from typing import Final
from uuid import UUID

from chassis.database import Tx
from registration_service.products.domain import Product, Redemption

# The idle update locks the row of a product that is there already; the columns that count stay as they are.
_HOLD: Final = """
INSERT INTO products (product_id, brand, model, serial, purchased_on, warranty_ends_on, customer_id, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (brand, model, serial) DO UPDATE SET serial = products.serial
RETURNING product_id, brand, model, serial, purchased_on, warranty_ends_on, customer_id
"""
_SERVICES: Final = "SELECT service_reference FROM redemptions WHERE product_id = $1 AND cancelled_at IS NULL"
_REDEEM: Final = """
INSERT INTO redemptions (redemption_id, product_id, certificate_id, service_reference, redeemed_at)
VALUES ($1, $2, $3, $4, $5)
"""
_LIVE: Final = """
SELECT p.product_id, p.brand, p.model, p.serial, p.purchased_on, p.warranty_ends_on, p.customer_id,
  r.certificate_id, r.service_reference
FROM redemptions r JOIN products p USING (product_id)
WHERE r.redemption_id = $1 AND r.cancelled_at IS NULL FOR UPDATE
"""
_CANCEL: Final = "UPDATE redemptions SET cancelled_at = $2 WHERE redemption_id = $1"


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
        tx.now,
    )
    assert row is not None  # an upsert always returns its row
    return Product(**row)


async def services_of(tx: Tx, product_id: UUID) -> set[str]:
    """References of the services redeemed for a product and not cancelled."""
    return {row["service_reference"] for row in await tx.fetch(_SERVICES, product_id)}


async def redeem(tx: Tx, redemption: Redemption) -> None:
    """Tie a unit to a product."""
    await tx.execute(
        _REDEEM,
        redemption.redemption_id,
        redemption.product.product_id,
        redemption.certificate_id,
        redemption.service_reference,
        tx.now,
    )


async def lock_redemption(tx: Tx, redemption_id: UUID) -> Redemption | None:
    """A redemption that was not cancelled, locked together with its product."""
    row = await tx.fetchrow(_LIVE, redemption_id)
    if row is None:
        return None
    columns = dict(row)
    certificate_id, reference = columns.pop("certificate_id"), columns.pop("service_reference")
    return Redemption(redemption_id, certificate_id, reference, Product(**columns))


async def cancel(tx: Tx, redemption_id: UUID) -> None:
    """Take a locked redemption back."""
    await tx.execute(_CANCEL, redemption_id, tx.now)

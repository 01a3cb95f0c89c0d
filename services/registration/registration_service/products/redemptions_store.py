"""Every SQL statement about what products redeemed."""

from datetime import date
from typing import Final
from uuid import UUID

from chassis.database import Pool, Tx
from registration_service.products.domain import Product, Redemption, Registrant, Running

_SERVICES: Final = """
SELECT redemption_id, certificate_id, service_reference, customer_id FROM redemptions
WHERE product_id = $1 AND cancelled_at IS NULL AND ended_on IS NULL ORDER BY redeemed_at, redemption_id
"""
# Whoever redeems anew does not give the product up.
_REDEEM: Final = """
WITH kept AS (UPDATE products SET given_up_at = NULL WHERE product_id = $2 AND given_up_at IS NOT NULL)
INSERT INTO redemptions (redemption_id, product_id, certificate_id, service_reference, redeemed_at, owner,
  organisation_id, customer_id, registered_as, proof_of_purchase, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
_TAKE_UP: Final = """
UPDATE redemptions r SET ended_on = NULL WHERE redemption_id = $1 AND ended_on = $2 AND NOT EXISTS (
  SELECT FROM redemptions o WHERE o.product_id = r.product_id AND o.service_reference = r.service_reference
    AND o.cancelled_at IS NULL AND o.ended_on IS NULL)
"""


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
        redemption.request_id,
    )


async def lock_redemption(tx: Tx, redemption_id: UUID) -> Redemption | None:
    """A redemption that was not cancelled, locked together with its product."""
    row = await tx.fetchrow(_LIVE, redemption_id)
    if row is None:
        return None
    columns = dict(row)
    certificate_id, reference = columns.pop("certificate_id"), columns.pop("service_reference")
    return Redemption(redemption_id, certificate_id, reference, columns.pop("redeemed_for"), Product(**columns))


async def is_redeemed(tx: Tx, request_id: UUID) -> bool:
    """Whether an activation request has its unit, or had it."""
    return bool(await tx.fetchval("SELECT EXISTS (SELECT FROM redemptions WHERE request_id = $1)", request_id))


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


async def take_up(tx: Tx, redemption_id: UUID, ended_on: date) -> None:
    """Let a locked redemption that ran out on this day run on, unless the product has redeemed the service anew."""
    await tx.execute(_TAKE_UP, redemption_id, ended_on)

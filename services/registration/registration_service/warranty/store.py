"""Every SQL statement of the public check: services as activation tells them."""

from typing import Final
from uuid import UUID

from chassis.database import Pool, Tx
from registration_service.warranty.domain import Activation, Line, Standing

# The same row whichever fact comes first: known beats unknown, operational beats planned, the later end of those that
# were planned counts, and the earlier one of those that came sooner.
_NOTE: Final = """
INSERT INTO services AS s (activation_id, product_id, service_reference, redemption_id, is_operational, operational_at,
  ends_on, ended_on, activated_at, cancelled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (activation_id) DO UPDATE SET
  product_id = $2,
  service_reference = $3,
  redemption_id = coalesce(s.redemption_id, $4),
  operational_at = CASE WHEN s.is_operational THEN s.operational_at ELSE coalesce($6, s.operational_at) END,
  is_operational = s.is_operational OR $5,
  ends_on = greatest(s.ends_on, $7),
  ended_on = least(s.ended_on, $8),
  activated_at = coalesce(s.activated_at, $9),
  cancelled = s.cancelled OR $10
RETURNING ends_on, ended_on, cancelled
"""
_STANDING: Final = "SELECT ends_on, ended_on, cancelled FROM services"
# Services that a contract brought name a redemption that there is not.
_LINES: Final = """
SELECT p.model, p.purchased_on, p.warranty_ends_on, t.service_reference, t.is_operational, t.operational_at,
  least(t.ends_on, t.ended_on) AS ends_on, t.ended_on IS NOT NULL AS ended_early
FROM products p LEFT JOIN LATERAL (
  SELECT r.redeemed_at AS since_at, r.redemption_id AS id, r.service_reference, s.is_operational, s.operational_at,
    s.ends_on, s.ended_on
  FROM redemptions r LEFT JOIN services s ON s.redemption_id = r.redemption_id
  WHERE r.product_id = p.product_id AND r.cancelled_at IS NULL
  UNION ALL
  SELECT s.activated_at, s.activation_id, s.service_reference, s.is_operational, s.operational_at, s.ends_on, s.ended_on
  FROM services s WHERE s.product_id = p.product_id AND NOT s.cancelled AND s.redemption_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM redemptions r WHERE r.redemption_id = s.redemption_id)
) t ON true
WHERE p.brand = $1 AND p.serial = $2 AND p.released_at IS NULL AND ($3 = '' OR p.model = $3)
ORDER BY p.model, t.since_at, t.id LIMIT 200
"""


async def note(tx: Tx, activation: Activation) -> Standing:
    """Add what a fact says to what is known."""
    row = await tx.fetchrow(
        _NOTE,
        activation.activation_id,
        activation.product_id,
        activation.service_reference,
        activation.redemption_id,
        activation.is_operational,
        activation.operational_at,
        activation.ends_on,
        activation.ended_on,
        activation.activated_at,
        activation.cancelled,
    )
    assert row is not None  # an upsert always returns its row
    return Standing(**row)


async def lock(tx: Tx, activation_id: UUID) -> Standing | None:
    """What is known of an activation before the next fact is added."""
    row = await tx.fetchrow(f"{_STANDING} WHERE activation_id = $1 FOR UPDATE", activation_id)
    return Standing(**row) if row else None


async def of_redemption(tx: Tx, redemption_id: UUID) -> Standing | None:
    """What is known of the service that runs on a unit."""
    row = await tx.fetchrow(f"{_STANDING} WHERE redemption_id = $1", redemption_id)
    return Standing(**row) if row else None


async def lines(pool: Pool, brand: str, serial: str, model: str) -> list[Line]:
    """The brand's products with this serial number, each with its services; an empty model is any."""
    return [Line(**row) for row in await pool.fetch(_LINES, brand, serial, model)]

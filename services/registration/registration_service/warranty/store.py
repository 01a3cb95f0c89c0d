"""Every SQL statement of the public check: services as activation tells them."""

from typing import Final

from chassis.database import Pool, Tx
from registration_service.warranty.domain import Activation, Line

# The same row whichever fact comes first: known beats unknown, operational beats planned, the earlier end counts.
_NOTE: Final = """
INSERT INTO services AS s (activation_id, redemption_id, is_operational, operational_at, ends_on, ended_on)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (activation_id) DO UPDATE SET
  redemption_id = coalesce(s.redemption_id, $2),
  operational_at = CASE WHEN s.is_operational THEN s.operational_at ELSE coalesce($4, s.operational_at) END,
  is_operational = s.is_operational OR $3,
  ends_on = coalesce(s.ends_on, $5),
  ended_on = least(s.ended_on, $6)
"""
_LINES: Final = """
SELECT p.model, p.purchased_on, p.warranty_ends_on, r.redemption_id, r.service_reference,
  s.is_operational, s.operational_at, least(s.ends_on, s.ended_on) AS ends_on, s.ended_on IS NOT NULL AS ended_early
FROM products p
LEFT JOIN redemptions r ON r.product_id = p.product_id AND r.cancelled_at IS NULL
LEFT JOIN services s ON s.redemption_id = r.redemption_id
WHERE p.brand = $1 AND p.serial = $2 AND p.released_at IS NULL AND ($3 = '' OR p.model = $3)
ORDER BY p.model, r.redeemed_at, r.redemption_id LIMIT 200
"""


async def note(tx: Tx, activation: Activation) -> None:
    """Add what a fact says to what is known."""
    await tx.execute(
        _NOTE,
        activation.activation_id,
        activation.redemption_id,
        activation.is_operational,
        activation.operational_at,
        activation.ends_on,
        activation.ended_on,
    )


async def lines(pool: Pool, brand: str, serial: str, model: str) -> list[Line]:
    """The brand's products with this serial number, each with its services; an empty model is any."""
    return [Line(**row) for row in await pool.fetch(_LINES, brand, serial, model)]

"""Every SQL statement about redemptions and activations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from chassis.database import Pool, Tx
from event_schemas.activation import ServiceActivated, ServiceOperational

_ADD: Final = """
INSERT INTO activations (activation_id, redemption_id, brand, product_id, serial, service_reference, service_name,
                         response_level, customer_id, state, activated_at, operational_at, ends_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'in_setup', $10, $11, $12)
"""

_OPERATIONAL: Final = """
UPDATE activations SET state = 'operational' WHERE activation_id = $1 AND state = 'in_setup'
RETURNING brand, activation_id, product_id, serial, service_reference, service_name, response_level, customer_id,
          operational_at, ends_on
"""

_PAGE: Final = """
SELECT * FROM activations
WHERE ($1::text IS NULL OR brand = $1) AND ($2::text IS NULL OR serial = $2)
  AND ($3::timestamptz IS NULL OR (activated_at, activation_id) < ($3, $4))
ORDER BY activated_at DESC, activation_id DESC LIMIT $5
"""


async def claim(tx: Tx, redemption_id: UUID, outcome: str) -> bool:
    """Write down what becomes of a redeemed unit; False when that was decided before."""
    done = await tx.execute(
        "INSERT INTO redemptions (redemption_id, outcome, decided_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        redemption_id,
        outcome,
        tx.now,
    )
    return done == "INSERT 0 1"


async def take_back(tx: Tx, redemption_id: UUID) -> UUID | None:
    """Mark a redemption as cancelled, heard of or not; the id of its activation when it has one."""
    await tx.execute(
        "INSERT INTO redemptions (redemption_id, outcome, decided_at) VALUES ($1, 'cancelled', $2) "
        "ON CONFLICT (redemption_id) DO UPDATE SET outcome = 'cancelled', decided_at = $2 "
        "WHERE redemptions.outcome <> 'cancelled'",
        redemption_id,
        tx.now,
    )
    found: UUID | None = await tx.fetchval(
        "SELECT activation_id FROM activations WHERE redemption_id = $1", redemption_id
    )
    return found


async def add(tx: Tx, fact: ServiceActivated) -> None:
    """Keep a new activation, in set-up."""
    await tx.execute(
        _ADD,
        fact.activation_id,
        fact.redemption_id,
        fact.brand,
        fact.product_id,
        fact.serial,
        fact.service_reference,
        fact.service_name,
        fact.response_level,
        fact.customer_id,
        fact.activated_at,
        fact.operational_at,
        fact.ends_on,
    )


async def become_operational(tx: Tx, activation_id: UUID) -> ServiceOperational | None:
    """Set-up is over; None when the activation is not in set-up any more."""
    row = await tx.fetchrow(_OPERATIONAL, activation_id)
    return ServiceOperational(**row) if row else None


async def cancel(tx: Tx, activation_id: UUID) -> None:
    """End an activation for good."""
    await tx.execute(
        "UPDATE activations SET state = 'cancelled', cancelled_at = $2 "
        "WHERE activation_id = $1 AND state <> 'cancelled'",
        activation_id,
        tx.now,
    )


async def page(
    pool: Pool, brand: str | None, serial: str | None, after: tuple[datetime | None, UUID | None], limit: int
) -> Sequence[asyncpg.Record]:
    """Activations, newest first, one more than `limit` when there are more."""
    return await pool.fetch(_PAGE, brand, serial, *after, limit + 1)

"""Every SQL statement about redemptions and activations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from activation_service.activations.domain import Transfer
from chassis.database import Pool, Tx
from event_schemas.activation import EndReason, ServiceActivated, ServiceEnded, ServiceOperational

_ADD: Final = """
INSERT INTO activations (activation_id, redemption_id, brand, product_id, serial, service_reference, service_name,
                         response_level, customer_id, state, activated_at, operational_at, ends_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'in_setup', $10, $11, $12)
"""

_OPERATIONAL: Final = """
UPDATE activations SET state = CASE state WHEN 'in_setup' THEN 'operational' ELSE state END, to_announce = false
WHERE activation_id = $1 AND to_announce AND state IN ('in_setup', 'ended')
RETURNING brand, activation_id, product_id, serial, service_reference, service_name, response_level, customer_id,
          operational_at, least(ends_on, ended_on) AS ends_on
"""

_END: Final = """
UPDATE activations SET state = 'ended', ended_on = $2, to_announce = to_announce AND $3
WHERE activation_id = $1 AND state IN ('in_setup', 'operational')
RETURNING brand, activation_id, product_id, redemption_id, serial, service_reference, service_name, customer_id,
          ended_on
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
    """Mark a redemption as cancelled, heard of or not; the id of its activation when it has one.

    Changes of hands that waited for it wait no longer.
    """
    await tx.execute("DELETE FROM transfers WHERE redemption_id = $1", redemption_id)
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
    """Set-up is over, also of a service that ends later; None when it was said before or is not to come."""
    row = await tx.fetchrow(_OPERATIONAL, activation_id)
    return ServiceOperational(**row) if row else None


async def cancel(tx: Tx, activation_id: UUID) -> None:
    """End an activation for good."""
    await tx.execute(
        "UPDATE activations SET state = 'cancelled', cancelled_at = $2, ended_on = NULL "
        "WHERE activation_id = $1 AND state <> 'cancelled'",
        activation_id,
        tx.now,
    )


@dataclass(frozen=True, slots=True)
class Service:
    """What decides how a service changes hands; nothing of it changes while it lives."""

    activation_id: UUID
    service_reference: str
    operational_at: datetime
    ends_on: date


async def hold_product(tx: Tx, product_id: UUID) -> None:
    """One fact about a product's services at a time, so that a transfer and a certificate never miss each other."""
    # seed 2: the locks of the chassis' command keys use seed 0
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 2))", str(product_id))


async def service_of(tx: Tx, redemption_id: UUID) -> Service | None:
    """The service of a redemption, None when there is none."""
    row = await tx.fetchrow(
        "SELECT activation_id, service_reference, operational_at, ends_on FROM activations WHERE redemption_id = $1",
        redemption_id,
    )
    return Service(**row) if row else None


async def keep_transfer(tx: Tx, redemption_id: UUID, transfer: Transfer) -> None:
    """For when the redemption is heard of; once that was decided there is nothing to wait for."""
    await tx.execute(
        "INSERT INTO transfers (redemption_id, transfer_id, to_customer_id, last_billable_on, kept_at) "
        "SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM redemptions WHERE redemption_id = $1) "
        "ON CONFLICT DO NOTHING",
        redemption_id,
        transfer.transfer_id,
        transfer.to_customer_id,
        transfer.last_billable_on,
        tx.now,
    )


async def forget_transfers(tx: Tx, kept_before: datetime) -> None:
    """Drop those whose certificate was never heard of."""
    await tx.execute("DELETE FROM transfers WHERE kept_at < $1", kept_before)


async def transfers_waiting(tx: Tx, redemption_id: UUID) -> list[Transfer]:
    """What was kept for a redemption, in the order in which it was heard; taken out."""
    rows = await tx.fetch(
        "WITH gone AS (DELETE FROM transfers WHERE redemption_id = $1 RETURNING *) "
        "SELECT transfer_id, to_customer_id, last_billable_on FROM gone ORDER BY number",
        redemption_id,
    )
    return [Transfer(**row) for row in rows]


async def follow(tx: Tx, activation_id: UUID, transfer: Transfer) -> None:
    """A live service is the new customer's."""
    await tx.execute(
        "UPDATE activations SET customer_id = $2 WHERE activation_id = $1 AND state IN ('in_setup', 'operational')",
        activation_id,
        transfer.to_customer_id,
    )


async def end(tx: Tx, activation_id: UUID, last_day: date, *, sets_up: bool) -> ServiceEnded | None:
    """End a live service on a day, inclusive; None when it is ended or cancelled already.

    `sets_up` tells whether a set-up that is not over yet goes on.
    """
    row = await tx.fetchrow(_END, activation_id, last_day, sets_up)
    return ServiceEnded(**row, reason=EndReason.TRANSFER) if row else None


async def page(
    pool: Pool, brand: str | None, serial: str | None, after: tuple[datetime | None, UUID | None], limit: int
) -> Sequence[asyncpg.Record]:
    """Activations, newest first, one more than `limit` when there are more."""
    return await pool.fetch(_PAGE, brand, serial, *after, limit + 1)

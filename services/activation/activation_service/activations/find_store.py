"""Every SQL statement that reads activations, but for the list."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final
from uuid import UUID

from activation_service.activations.domain import Activation
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

COLUMNS: Final = ", ".join(field.name for field in fields(Activation))
SEEN: Final = f"($1::text IS NULL OR brand = $1) AND ({seen(2)} OR customer_id = $4)"
"""With the arguments of `Whose`."""

_LATEST: Final = f"""
SELECT {COLUMNS} FROM activations WHERE product_id = $1 AND service_reference = $2 AND state <> 'cancelled'
ORDER BY least(ends_on, ended_on) DESC, activated_at DESC, activation_id DESC LIMIT 1
"""
_LATEST_OF: Final = f"""
SELECT DISTINCT ON (product_id, service_reference) {COLUMNS} FROM activations
WHERE product_id = ANY($1::uuid[]) AND state <> 'cancelled'
ORDER BY product_id, service_reference, least(ends_on, ended_on) DESC, activated_at DESC, activation_id DESC
"""


async def read(db: Pool | Tx, activation_id: UUID) -> Activation | None:
    """An activation, whoever asks."""
    row = await db.fetchrow(f"SELECT {COLUMNS} FROM activations WHERE activation_id = $1", activation_id)
    return Activation(**row) if row else None


async def read_all(db: Pool | Tx, activation_ids: Sequence[UUID]) -> list[Activation]:
    """Those of some activations that there are, in any order."""
    rows = await db.fetch(f"SELECT {COLUMNS} FROM activations WHERE activation_id = ANY($1::uuid[])", activation_ids)
    return [Activation(**row) for row in rows]


async def find(db: Pool | Tx, whose: Whose, activation_id: UUID) -> Activation | None:
    """An activation that somebody may see."""
    query = f"SELECT {COLUMNS} FROM activations WHERE activation_id = $5 AND {SEEN}"
    row = await db.fetchrow(query, *whose.arguments, activation_id)
    return Activation(**row) if row else None


async def read_redeemed(tx: Tx, redemption_id: UUID) -> Activation | None:
    """The activation that runs on an entitlement."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM activations WHERE redemption_id = $1", redemption_id)
    return Activation(**row) if row else None


async def of_product(db: Pool | Tx, product_id: UUID) -> list[Activation]:
    """All that a product had and has, newest first."""
    query = f"SELECT {COLUMNS} FROM activations WHERE product_id = $1 ORDER BY activated_at DESC, activation_id DESC"
    return [Activation(**row) for row in await db.fetch(query, product_id)]


async def latest(tx: Tx, product_id: UUID, service_reference: str) -> Activation | None:
    """Of the same service on a product the one that goes on longest."""
    row = await tx.fetchrow(_LATEST, product_id, service_reference)
    return Activation(**row) if row else None


async def latest_of(tx: Tx, product_ids: Sequence[UUID]) -> list[Activation]:
    """As `latest`, for each service that some products had or have."""
    return [Activation(**row) for row in await tx.fetch(_LATEST_OF, product_ids)]

"""Every SQL statement about moves."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from chassis.caller import Sight, seen
from chassis.database import Pool, Tx
from registration_service.moves.domain import Move, State

_OWN: Final = (
    "move_id",
    "brand",
    "product_id",
    "customer_id",
    "state",
    "from_country",
    "to_country",
    "street",
    "postal_code",
    "city",
    "planned_on",
    "reason",
    "owner",
    "organisation_id",
    "requested_at",
    "assigned_to",
    "approved_on",
    "executed_on",
    "refusal_reason",
)
_SELECT: Final = (
    f"SELECT {', '.join(f'm.{name}' for name in _OWN)}, serial, model FROM moves m JOIN products USING (product_id)"
)
_SEEN: Final = f"({seen(1, 'm')} OR m.customer_id = $3) AND ($4::text IS NULL OR m.brand = $4)"
_PAGE: Final = f"""
{_SELECT} WHERE {_SEEN} AND ($5::text IS NULL OR m.brand = $5) AND ($6::text IS NULL OR state = $6)
  AND ($7::text IS NULL OR serial = $7)
  AND ($8::timestamptz IS NULL OR (requested_at, move_id) < ($8, $9::uuid))
ORDER BY requested_at DESC, move_id DESC LIMIT $10
"""
_PUT: Final = f"""
INSERT INTO moves ({", ".join(_OWN)}) VALUES ({", ".join(f"${place + 1}" for place in range(len(_OWN)))})
ON CONFLICT (move_id) DO UPDATE SET state = excluded.state, assigned_to = excluded.assigned_to,
  approved_on = excluded.approved_on, executed_on = excluded.executed_on, refusal_reason = excluded.refusal_reason
"""
_ENTER: Final = """
INSERT INTO move_steps (move_id, number, state, made_by, made_at)
SELECT $1, count(*) + 1, $2, $3, $4 FROM move_steps WHERE move_id = $1
"""


async def open_of(tx: Tx, product_id: UUID) -> Move | None:
    """The open move of a locked product."""
    open_states = "state IN ('requested', 'assigned', 'approved')"
    row = await tx.fetchrow(f"{_SELECT} WHERE m.product_id = $1 AND {open_states}", product_id)
    return Move(**row) if row else None


async def last_country(tx: Tx, product_id: UUID, customer_id: UUID) -> str | None:
    """Where the last executed move of a product brought it while it was this customer's."""
    country: str | None = await tx.fetchval(
        "SELECT to_country FROM moves WHERE product_id = $1 AND customer_id = $2 AND state = 'executed' "
        "ORDER BY requested_at DESC, move_id DESC LIMIT 1",
        product_id,
        customer_id,
    )
    return country


async def put(tx: Tx, move: Move, by: str) -> None:
    """Write a new move, or what became of a locked one, with a line in its history."""
    columns = asdict(move)
    await tx.execute(_PUT, *(columns[name] for name in _OWN))
    await tx.execute(_ENTER, move.move_id, move.state, by, tx.now)


async def lock(tx: Tx, move_id: UUID) -> Move | None:
    """A move, held until the transaction ends."""
    row = await tx.fetchrow(f"{_SELECT} WHERE move_id = $1 FOR UPDATE OF m", move_id)
    return Move(**row) if row else None


async def find(db: Pool | Tx, move_id: UUID, sight: Sight, brand: str | None) -> Move | None:
    """A move as far as somebody may see it."""
    row = await db.fetchrow(
        f"{_SELECT} WHERE {_SEEN} AND move_id = $5", *sight.columns, sight.contact_id, brand, move_id
    )
    return Move(**row) if row else None


async def steps(db: Pool | Tx, move_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """The histories of some moves, oldest line of each first."""
    return await db.fetch(
        "SELECT move_id, state, made_by, made_at FROM move_steps "
        "WHERE move_id = ANY($1::uuid[]) ORDER BY move_id, number",
        move_ids,
    )


async def page(
    pool: Pool,
    sight: Sight,
    brands: tuple[str | None, str | None],
    state: State | None,
    serial: str | None,
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[asyncpg.Record]:
    """Moves that somebody may see, newest first, one more than `limit` when there are more.

    `brands` are the one for which the caller's token is good and the one asked for; None for any.
    """
    return await pool.fetch(_PAGE, *sight.columns, sight.contact_id, *brands, state, serial, *after, limit + 1)

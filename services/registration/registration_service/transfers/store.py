"""Every SQL statement about transfers."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from chassis.caller import Sight, seen
from chassis.database import Pool, Tx
from registration_service.transfers.domain import State, Transfer

_OWN: Final = (
    "transfer_id, t.brand, product_id, kind, state, from_customer_id, to_customer_id, transferred_on, takes_effect_on, "
    "last_billable_on, reason, financing_number, t.owner, t.organisation_id, by_customer, reported_at, settled_at"
)
_SELECT: Final = f"SELECT {_OWN}, serial, model FROM transfers t JOIN products USING (product_id)"
_SEEN: Final = f"({seen(1, 't')} OR from_customer_id = $3) AND ($4::text IS NULL OR t.brand = $4)"
_PAGE: Final = f"""
{_SELECT} WHERE {_SEEN} AND ($5::text IS NULL OR t.brand = $5) AND ($6::text IS NULL OR state = $6)
  AND ($7::text IS NULL OR serial = $7)
  AND ($8::timestamptz IS NULL OR (reported_at, transfer_id) < ($8, $9::uuid))
ORDER BY reported_at DESC, transfer_id DESC LIMIT $10
"""
_REPORT: Final = """
INSERT INTO transfers (transfer_id, brand, product_id, kind, state, from_customer_id, to_customer_id, transferred_on,
  takes_effect_on, last_billable_on, reason, financing_number, owner, organisation_id, by_customer, reported_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


async def pending_of(tx: Tx, product_id: UUID) -> Transfer | None:
    """The open transfer of a locked product, held like it."""
    row = await tx.fetchrow(f"{_SELECT} WHERE product_id = $1 AND state = 'pending' FOR UPDATE OF t", product_id)
    return Transfer(**row) if row else None


async def report(tx: Tx, transfer: Transfer) -> None:
    """Write a new transfer."""
    await tx.execute(
        _REPORT,
        transfer.transfer_id,
        transfer.brand,
        transfer.product_id,
        transfer.kind,
        transfer.state,
        transfer.from_customer_id,
        transfer.to_customer_id,
        transfer.transferred_on,
        transfer.takes_effect_on,
        transfer.last_billable_on,
        transfer.reason,
        transfer.financing_number,
        transfer.owner,
        transfer.organisation_id,
        transfer.by_customer,
        transfer.reported_at,
    )


async def settle(tx: Tx, transfer: Transfer, state: State) -> None:
    """Write what became of a locked transfer."""
    await tx.execute(
        "UPDATE transfers SET state = $2, settled_at = $3 WHERE transfer_id = $1", transfer.transfer_id, state, tx.now
    )


async def put_off(tx: Tx, transfer: Transfer) -> None:
    """Write the later days of a locked transfer."""
    await tx.execute(
        "UPDATE transfers SET takes_effect_on = $2, last_billable_on = $3 WHERE transfer_id = $1",
        transfer.transfer_id,
        transfer.takes_effect_on,
        transfer.last_billable_on,
    )


async def lock(tx: Tx, transfer_id: UUID) -> Transfer | None:
    """A transfer, held until the transaction ends."""
    row = await tx.fetchrow(f"{_SELECT} WHERE transfer_id = $1 FOR UPDATE OF t", transfer_id)
    return Transfer(**row) if row else None


async def find(db: Pool | Tx, transfer_id: UUID, sight: Sight, brand: str | None) -> Transfer | None:
    """A transfer as far as somebody may see it; `Sight()` for ourselves."""
    query = f"{_SELECT} WHERE {_SEEN} AND transfer_id = $5"
    row = await db.fetchrow(query, *sight.columns, sight.contact_id, brand, transfer_id)
    return Transfer(**row) if row else None


async def page(
    pool: Pool,
    sight: Sight,
    brands: tuple[str | None, str | None],
    state: State | None,
    serial: str | None,
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[asyncpg.Record]:
    """Transfers that somebody may see, newest first, one more than `limit` when there are more.

    `brands` are the one for which the caller's token is good and the one asked for; None for any.
    """
    return await pool.fetch(_PAGE, *sight.columns, sight.contact_id, *brands, state, serial, *after, limit + 1)

"""Each event takes effect once: its id enters the inbox in the transaction that applies it (ALL-02)."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx


async def enter(tx: Tx, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Enter the ids and return those that were not there before; never look before you insert."""
    rows = await tx.fetch(
        "INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS id "
        "ON CONFLICT DO NOTHING RETURNING event_id",
        consumer,
        event_ids,
    )
    return {row["event_id"] for row in rows}

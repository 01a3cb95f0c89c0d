"""Each event takes effect once: its id enters the inbox in the transaction that applies it (ALL-02)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database import Database, Tx

KEPT_DAYS: Final = 400
"""Longer than any topic keeps its messages: a message that comes again must find its id here."""


async def enter(tx: Tx, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Enter the ids and return those that were not there before; never look before you insert."""
    rows = await tx.fetch(
        "INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS id "
        "ON CONFLICT DO NOTHING RETURNING event_id",
        consumer,
        event_ids,
    )
    return {row["event_id"] for row in rows}


async def forget_applied(database: Database) -> None:
    """Drop the ids that no topic can bring again; by the server's time, which no test moves."""
    await database.pool.execute("DELETE FROM inbox WHERE entered_at < now() - make_interval(days => $1)", KEPT_DAYS)

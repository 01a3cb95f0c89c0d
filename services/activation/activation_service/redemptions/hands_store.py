"""What happened to products after their units were redeemed: changes of hands, and moves (REG-17, REG-18).

It is kept until it is its turn, which may be before the unit is heard of.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from uuid6 import uuid7

from activation_service.redemptions.domain import Move, Transfer
from chassis.database import Tx

_TRANSFER: Final = "transfer_id, fact, from_customer_id, to_customer_id, to_owner, to_organisation_id, last_billable_on"
# what was refused or taken back waits for nothing
_KEEP: Final = """
INSERT INTO transfers (redemption_id, transfer_id, fact, from_customer_id, to_customer_id, to_owner, to_organisation_id,
                       last_billable_on, kept_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE NOT EXISTS (SELECT FROM redemptions WHERE redemption_id = $1 AND outcome IN ('refused', 'cancelled'))
ON CONFLICT DO NOTHING
"""
# services that no unit brought, or whose fact is not known any more, start when they are activated
_MOVES: Final = """
SELECT move_id, m.fact, m.customer_id, to_country, executed_on
FROM activations a JOIN moves m USING (product_id) LEFT JOIN redemptions r USING (redemption_id)
WHERE a.redemption_id = $1 AND CASE WHEN r.fact IS NULL THEN m.kept_id > a.activation_id ELSE m.fact > r.fact END
  AND NOT EXISTS (SELECT FROM moved_services s WHERE s.redemption_id = $1 AND s.move_id = m.move_id)
ORDER BY m.fact
"""


async def keep_transfer(tx: Tx, redemption_id: UUID, transfer: Transfer) -> None:
    """A change of hands that is to be applied when it is its turn; one that was applied is known and stays so."""
    await tx.execute(
        _KEEP,
        redemption_id,
        transfer.transfer_id,
        transfer.fact,
        transfer.from_customer_id,
        transfer.to_customer_id,
        transfer.to_owner,
        transfer.to_organisation_id,
        transfer.last_billable_on,
        tx.now,
    )


async def transfers_waiting(tx: Tx, redemption_id: UUID) -> list[Transfer]:
    """What is to be applied to a redemption, in the order in which it was said."""
    rows = await tx.fetch(
        f"SELECT {_TRANSFER} FROM transfers WHERE redemption_id = $1 AND applied_at IS NULL "
        "ORDER BY fact NULLS FIRST, number",
        redemption_id,
    )
    return [Transfer(**row) for row in rows]


async def note_applied(tx: Tx, redemption_id: UUID, transfer: Transfer) -> None:
    """A change of hands is done; told again, it changes nothing."""
    await tx.execute(
        "UPDATE transfers SET applied_at = $3 WHERE redemption_id = $1 AND transfer_id = $2",
        redemption_id,
        transfer.transfer_id,
        tx.now,
    )


async def drop_waiting(tx: Tx, redemption_id: UUID) -> None:
    """There is nothing to change hands any more."""
    await tx.execute("DELETE FROM transfers WHERE redemption_id = $1 AND applied_at IS NULL", redemption_id)


async def forget_transfers(tx: Tx, kept_before: datetime) -> None:
    """Drop those that can neither come into their turn nor be told again."""
    await tx.execute("DELETE FROM transfers WHERE kept_at < $1", kept_before)


async def last_transfer(tx: Tx, redemption_id: UUID) -> UUID | None:
    """The fact of the latest change of hands that was applied to a redemption."""
    found: UUID | None = await tx.fetchval(
        "SELECT fact FROM transfers WHERE redemption_id = $1 AND applied_at IS NOT NULL AND fact IS NOT NULL "
        "ORDER BY fact DESC LIMIT 1",
        redemption_id,
    )
    return found


async def keep_move(tx: Tx, product_id: UUID, move: Move) -> bool:
    """A product went to another country; False when that was heard before."""
    done = await tx.execute(
        "INSERT INTO moves (move_id, fact, product_id, customer_id, to_country, executed_on, kept_id) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        move.move_id,
        move.fact,
        product_id,
        move.customer_id,
        move.to_country,
        move.executed_on,
        uuid7(),
    )
    return done == "INSERT 0 1"


async def moves_waiting(tx: Tx, redemption_id: UUID) -> list[Move]:
    """Where the product of a service went after its unit was redeemed, as far as that was not applied, in order."""
    return [Move(**row) for row in await tx.fetch(_MOVES, redemption_id)]


async def note_moved(tx: Tx, redemption_id: UUID, move: Move) -> None:
    """A move was applied to a service."""
    await tx.execute(
        "INSERT INTO moved_services (redemption_id, move_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        redemption_id,
        move.move_id,
    )


async def country_before(tx: Tx, product_id: UUID, customer_id: UUID, fact: UUID | None) -> str | None:
    """Where a customer's product stood when a fact was said, None: stands now; None when it had not moved."""
    found: str | None = await tx.fetchval(
        "SELECT to_country FROM moves WHERE product_id = $1 AND customer_id = $2 AND ($3::uuid IS NULL OR fact < $3) "
        "ORDER BY fact DESC LIMIT 1",
        product_id,
        customer_id,
        fact,
    )
    return found

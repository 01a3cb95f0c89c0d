"""What became of redeemed units, and whose file products were (ACT-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

from chassis.database import Tx
from event_schemas.registration import CertificateRedeemed

Outcome = Literal["activated", "held", "refused"]

_HELD: Final = TypeAdapter(CertificateRedeemed)

_NEWER_HOLDER: Final = """
INSERT INTO holders (product_id, customer_id, owner, organisation_id, fact) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (product_id, customer_id) DO UPDATE SET owner = $3, organisation_id = $4, fact = $5 WHERE holders.fact < $5
"""
_TAKE_BACK: Final = """
INSERT INTO redemptions (redemption_id, outcome, decided_at) VALUES ($1, 'cancelled', $2)
ON CONFLICT (redemption_id) DO UPDATE SET outcome = 'cancelled', decided_at = $2, held = NULL
WHERE redemptions.outcome <> 'cancelled'
"""


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redeemed unit."""

    redemption_id: UUID
    outcome: str
    fact: UUID | None
    """Id of the fact that told of it; None for those of before that was kept, and for those taken back unheard."""
    held: CertificateRedeemed | None
    """That fact, while it waits for a review."""


async def claim(tx: Tx, event: CertificateRedeemed, fact: UUID, outcome: Outcome) -> bool:
    """Write down what becomes of a redeemed unit; False when that was decided before."""
    done = await tx.execute(
        "INSERT INTO redemptions (redemption_id, outcome, decided_at, fact, held) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT DO NOTHING",
        event.redemption_id,
        outcome,
        tx.now,
        fact,
        event.model_dump_json() if outcome == "held" else None,
    )
    return done == "INSERT 0 1"


async def decide_held(tx: Tx, redemption_id: UUID, outcome: Literal["activated", "refused"]) -> None:
    """Write down what became of a unit that was held."""
    await tx.execute(
        "UPDATE redemptions SET outcome = $2, decided_at = $3, held = NULL WHERE redemption_id = $1",
        redemption_id,
        outcome,
        tx.now,
    )


async def read(tx: Tx, redemption_id: UUID) -> Redemption | None:
    """A redeemed unit, None when nothing was heard of it."""
    row = await tx.fetchrow(
        "SELECT redemption_id, outcome, fact, held::text AS held FROM redemptions WHERE redemption_id = $1",
        redemption_id,
    )
    if row is None:
        return None
    held = _HELD.validate_json(row["held"]) if row["held"] else None
    return Redemption(row["redemption_id"], row["outcome"], row["fact"], held)


async def take_back(tx: Tx, redemption_id: UUID) -> None:
    """Mark a redemption as cancelled, heard of or not."""
    await tx.execute(_TAKE_BACK, redemption_id, tx.now)


async def never_redeemed(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """Those of several entitlements that are no redeemed units."""
    rows = await tx.fetch(
        "SELECT id FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM redemptions WHERE redemption_id = id)",
        ids,
    )
    return [row["id"] for row in rows]


async def keep_holder(
    tx: Tx, product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None, fact: UUID
) -> bool:
    """Whose file a product is while it is a customer's; False when a later fact has told it."""
    done = await tx.execute(_NEWER_HOLDER, product_id, customer_id, owner, organisation_id, fact)
    return done == "INSERT 0 1"


async def holder(tx: Tx, product_id: UUID, customer_id: UUID) -> tuple[str, UUID | None]:
    """Owner and organisation of a product while it is a customer's; nobody's when that was not heard."""
    row = await tx.fetchrow(
        "SELECT owner, organisation_id FROM holders WHERE product_id = $1 AND customer_id = $2", product_id, customer_id
    )
    return (row["owner"], row["organisation_id"]) if row else ("", None)

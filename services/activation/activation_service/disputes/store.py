"""Every SQL statement about disputes and their evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from activation_service.disputes.domain import Dispute, Side
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_COLUMNS: Final = """dispute_id, brand, product_id, serial, model, customer_id, owner, organisation_id, ticket_id,
  denied_on, opened_at, decision, reason, covered_from, covered_until, activation_id, decided_at"""
_SEEN: Final = f"($1::text IS NULL OR brand = $1) AND ({seen(2)} OR customer_id = $4)"
_FIND: Final = f"SELECT {_COLUMNS} FROM disputes WHERE dispute_id = $5 AND {_SEEN}"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM disputes
WHERE {_SEEN} AND ($5::text IS NULL OR brand = $5) AND ($6::text IS NULL OR serial = $6)
  AND ($7::bool IS NULL OR (decided_at IS NULL) = $7)
  AND ($8::timestamptz IS NULL OR (opened_at, dispute_id) < ($8, $9::uuid))
ORDER BY opened_at DESC, dispute_id DESC LIMIT $10
"""
_OPEN: Final = """
INSERT INTO disputes (dispute_id, brand, product_id, serial, model, customer_id, owner, organisation_id, ticket_id,
  denied_on, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (product_id, customer_id) WHERE decided_at IS NULL DO NOTHING
"""
_DECIDE: Final = """
UPDATE disputes SET decision = $2, reason = $3, covered_from = $4, covered_until = $5, activation_id = $6,
  decided_at = $7, decided_by = $8 WHERE dispute_id = $1
"""


async def open_dispute(tx: Tx, dispute: Dispute) -> bool:
    """Write a new dispute; False when the customer has an open one about the product."""
    done = await tx.execute(
        _OPEN,
        dispute.dispute_id,
        dispute.brand,
        dispute.product_id,
        dispute.serial,
        dispute.model,
        dispute.customer_id,
        dispute.owner,
        dispute.organisation_id,
        dispute.ticket_id,
        dispute.denied_on,
        dispute.opened_at,
    )
    return done == "INSERT 0 1"


async def open_of(tx: Tx, product_id: UUID, customer_id: UUID) -> UUID | None:
    """The id of the customer's open dispute about a product."""
    found: UUID | None = await tx.fetchval(
        "SELECT dispute_id FROM disputes WHERE product_id = $1 AND customer_id = $2 AND decided_at IS NULL",
        product_id,
        customer_id,
    )
    return found


async def decide(tx: Tx, dispute: Dispute, by: str) -> None:
    """Close a locked dispute."""
    await tx.execute(
        _DECIDE,
        dispute.dispute_id,
        dispute.decision,
        dispute.reason,
        dispute.covered_from,
        dispute.covered_until,
        dispute.activation_id,
        dispute.decided_at,
        by,
    )


async def find(db: Pool | Tx, whose: Whose, dispute_id: UUID) -> Dispute | None:
    """A dispute that somebody may see."""
    row = await db.fetchrow(_FIND, *whose.arguments, dispute_id)
    return Dispute(**row) if row else None


async def lock(tx: Tx, whose: Whose, dispute_id: UUID) -> Dispute | None:
    """As `find`, held until the transaction ends."""
    row = await tx.fetchrow(f"{_FIND} FOR NO KEY UPDATE", *whose.arguments, dispute_id)
    return Dispute(**row) if row else None


async def page(
    pool: Pool,
    whose: Whose,
    asked: tuple[str | None, str | None],
    is_open: bool | None,
    before: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Dispute]:
    """Disputes that somebody may see, newest first; `asked` is brand and serial (canonical)."""
    return [Dispute(**row) for row in await pool.fetch(_PAGE, *whose.arguments, *asked, is_open, *before, limit)]


async def give(
    tx: Tx, evidence_id: UUID, dispute_id: UUID, side: Side, statement: str, documents: Sequence[UUID], by: str
) -> None:
    """Write what somebody says and shows."""
    await tx.execute(
        "INSERT INTO dispute_evidence (evidence_id, dispute_id, side, statement, documents, given_by, given_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        evidence_id,
        dispute_id,
        side,
        statement,
        documents,
        by,
        tx.now,
    )


async def count_evidence(tx: Tx, dispute_id: UUID) -> int:
    """How many statements there are."""
    count: int = await tx.fetchval("SELECT count(*) FROM dispute_evidence WHERE dispute_id = $1", dispute_id)
    return count


async def evidence(db: Pool | Tx, dispute_id: UUID) -> list[Any]:
    """What was said and shown, oldest first."""
    return await db.fetch(
        "SELECT evidence_id, side, statement, documents, given_at FROM dispute_evidence WHERE dispute_id = $1 "
        "ORDER BY given_at, evidence_id",
        dispute_id,
    )


async def names_document(db: Pool | Tx, dispute_id: UUID, document_id: UUID) -> bool:
    """Whether a document is evidence in a dispute."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT FROM dispute_evidence WHERE dispute_id = $1 AND $2 = ANY(documents))",
        dispute_id,
        document_id,
    )
    return found

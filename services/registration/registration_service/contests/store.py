"""Every SQL statement about contests and their evidence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.caller import Whose, seen
from chassis.database import Pool, Tx
from registration_service.contests.domain import Contest
from registration_service.products.domain import Product

_COLUMNS: Final = """contest_id, contests.brand, contests.product_id, products.serial, products.model, holder_id,
  holder_owner, holder_organisation_id, claimant_id, contests.owner, contests.organisation_id, certificate_id,
  service_reference, contests.purchased_on, contests.registered_as, contests.proof_of_purchase, opened_at, decision,
  reason, settled_at"""
_FROM: Final = f"SELECT {_COLUMNS} FROM contests JOIN products USING (product_id)"
_HOLDER: Final = f"""EXISTS (SELECT 1 FROM (VALUES (holder_owner, holder_organisation_id))
    AS h (owner, organisation_id) WHERE {seen(2, "h")})"""
_SEEN: Final = f"""($1::text IS NULL OR contests.brand = $1)
  AND ({seen(2, "contests")} OR {_HOLDER} OR holder_id = $4 OR claimant_id = $4)"""
_ONE: Final = f"{_FROM} WHERE contest_id = $5 AND {_SEEN}"
_LIST: Final = f"""{_FROM} WHERE ($5::bool IS NULL OR (settled_at IS NULL) = $5)
  AND ($6::timestamptz IS NULL OR (opened_at, contest_id) < ($6, $7::uuid)) AND {_SEEN}
ORDER BY opened_at DESC, contest_id DESC LIMIT $8
"""
_LOCK: Final = f"{_FROM} WHERE contest_id = $1 FOR UPDATE OF contests"
_OTHERS: Final = """
UPDATE contests SET holder_id = $2, holder_owner = $3, holder_organisation_id = $4
WHERE product_id = $1 AND settled_at IS NULL RETURNING contest_id
"""
_FORMER: Final = "UPDATE evidence SET party = 'former-holder' WHERE contest_id = ANY($1::uuid[]) AND party = 'holder'"
_SETTLE: Final = """
UPDATE contests SET decision = $2, reason = $3, decided_by = $4, settled_at = $5 WHERE contest_id = $1
"""
_EVIDENCE: Final = """
SELECT evidence_id, party, statement, documents, given_at FROM evidence
WHERE contest_id = $1 AND party = ANY($2::text[]) ORDER BY given_at, evidence_id
"""
_OPEN_OF: Final = f"{_FROM} WHERE contests.product_id = $1 AND claimant_id = $2 AND settled_at IS NULL"
_OPEN: Final = """
INSERT INTO contests (contest_id, brand, product_id, holder_id, holder_owner, holder_organisation_id, claimant_id,
  owner, organisation_id, certificate_id, service_reference, purchased_on, registered_as, proof_of_purchase, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_GIVE: Final = """
INSERT INTO evidence (evidence_id, contest_id, party, statement, documents, given_by, given_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def open_of(tx: Tx, product_id: UUID, claimant_id: UUID) -> Contest | None:
    """The open contest of a claimant of a locked product."""
    row = await tx.fetchrow(_OPEN_OF, product_id, claimant_id)
    return Contest(**row) if row else None


async def is_contested(tx: Tx, product_id: UUID) -> bool:
    """Whether a product has an open contest."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT 1 FROM contests WHERE product_id = $1 AND settled_at IS NULL)", product_id
    )
    return found


async def open_contest(tx: Tx, contest: Contest) -> None:
    """Write a new contest."""
    await tx.execute(
        _OPEN,
        contest.contest_id,
        contest.brand,
        contest.product_id,
        contest.holder_id,
        contest.holder_owner,
        contest.holder_organisation_id,
        contest.claimant_id,
        contest.owner,
        contest.organisation_id,
        contest.certificate_id,
        contest.service_reference,
        contest.purchased_on,
        contest.registered_as,
        contest.proof_of_purchase,
        contest.opened_at,
    )


async def give(
    tx: Tx, evidence_id: UUID, contest_id: UUID, party: str, statement: str, documents: Sequence[UUID], by: str
) -> None:
    """Write what one party says and shows."""
    await tx.execute(_GIVE, evidence_id, contest_id, party, statement, documents, by, tx.now)


async def find(db: Pool | Tx, whose: Whose, contest_id: UUID) -> Contest | None:
    """A contest as far as it may be seen: by the files or the person of either side."""
    row = await db.fetchrow(_ONE, *whose.arguments, contest_id)
    return Contest(**row) if row else None


async def page(
    pool: Pool, whose: Whose, is_open: bool | None, before: tuple[datetime | None, UUID | None], limit: int
) -> list[Contest]:
    """Contests that may be seen, newest first."""
    return [Contest(**row) for row in await pool.fetch(_LIST, *whose.arguments, is_open, *before, limit)]


async def lock(tx: Tx, contest_id: UUID) -> Contest:
    """A contest that exists, locked after its product."""
    row = await tx.fetchrow(_LOCK, contest_id)
    assert row is not None  # contests are never deleted
    return Contest(**row)


async def settle(tx: Tx, contest_id: UUID, decision: str, reason: str | None, by: str) -> None:
    """Close a locked contest."""
    await tx.execute(_SETTLE, contest_id, decision, reason, by, tx.now)


async def point_at(tx: Tx, product: Product) -> list[Contest]:
    """Let the open contests of a locked product be against its new holder; they are returned.

    What the former holder brought is not the new one's to read.
    """
    rows = await tx.fetch(_OTHERS, product.product_id, product.customer_id, product.owner, product.organisation_id)
    await tx.execute(_FORMER, [row["contest_id"] for row in rows])
    return [await lock(tx, row["contest_id"]) for row in rows]


async def evidence(pool: Pool, contest_id: UUID, parties: Sequence[str]) -> list[Any]:
    """What these sides have said and shown, oldest first."""
    return await pool.fetch(_EVIDENCE, contest_id, parties)

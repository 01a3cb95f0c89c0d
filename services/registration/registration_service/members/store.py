"""Every SQL statement about requests to join."""

from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from chassis.database import Pool, Tx
from registration_service.members.domain import JoinRequest

_NEWEST: Final = "ORDER BY state = 'pending' DESC, requested_at DESC, join_request_id DESC LIMIT 1"
_JOIN: Final = "join_request_id, brand, organisation_id, account_id, state, reason, requested_at, decided_at"
_ASK: Final = f"INSERT INTO join_requests ({_JOIN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
_JOIN_OF: Final = f"SELECT {_JOIN} FROM join_requests WHERE join_request_id = $1"
_LATEST: Final = f"SELECT {_JOIN} FROM join_requests WHERE account_id = $1 {_NEWEST}"
_DECIDE: Final = f"""
UPDATE join_requests SET state = $2, reason = $3, decided_at = $4, decided_by = $5 WHERE join_request_id = $1
RETURNING {_JOIN}
"""
_LISTED: Final = """
SELECT j.join_request_id, j.brand, j.organisation_id, j.account_id, j.state, j.reason, j.requested_at, j.decided_at,
  trim(a.first_name || ' ' || a.last_name) AS applicant_name, a.email AS applicant_email
FROM join_requests j JOIN accounts a USING (account_id)
"""
_LIST: Final = f"""
{_LISTED} WHERE ($1::uuid IS NULL OR j.organisation_id = $1) AND ($2::text IS NULL OR j.brand = $2)
  AND ($3::text IS NULL OR j.state = $3)
  AND ($4::timestamptz IS NULL OR (j.requested_at, j.join_request_id) < ($4, $5::uuid))
ORDER BY j.requested_at DESC, j.join_request_id DESC LIMIT $6
"""


async def ask(tx: Tx, request: JoinRequest) -> None:
    """Write a request; the index allows an account one that is open."""
    await tx.execute(
        _ASK,
        request.join_request_id,
        request.brand,
        request.organisation_id,
        request.account_id,
        request.state,
        request.reason,
        request.requested_at,
        request.decided_at,
    )


async def request_of(tx: Tx, join_request_id: UUID) -> JoinRequest | None:
    """A request, guarded by the lock of its organisation."""
    row = await tx.fetchrow(_JOIN_OF, join_request_id)
    return JoinRequest(**row) if row else None


async def latest(where: Pool | Tx, account_id: UUID) -> JoinRequest | None:
    """The last request of an account."""
    row = await where.fetchrow(_LATEST, account_id)
    return JoinRequest(**row) if row else None


async def decide(tx: Tx, request: JoinRequest, by: str) -> JoinRequest:
    """Write a decision; it is taken now."""
    row = await tx.fetchrow(_DECIDE, request.join_request_id, request.state, request.reason, tx.now, by)
    assert row is not None  # its organisation is locked, and requests are never deleted
    return JoinRequest(**row)


async def listed(
    pool: Pool,
    organisation_id: UUID | None,
    brand: str | None,
    state: str | None,
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Record]:
    """Requests with who applies, newest first; of every organisation when none is named."""
    return await pool.fetch(_LIST, organisation_id, brand, state, *after, limit)


async def listed_one(pool: Pool, join_request_id: UUID) -> Record | None:
    """One request with who applies."""
    return await pool.fetchrow(f"{_LISTED} WHERE j.join_request_id = $1", join_request_id)

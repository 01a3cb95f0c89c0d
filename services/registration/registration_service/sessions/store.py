"""Every SQL statement about sessions and failures to sign in."""

from datetime import datetime
from typing import Final
from uuid import UUID

from uuid6 import uuid7

from chassis.database import Pool, Tx
from registration_service.sessions.domain import LONGEST_SESSION, REFRESH_LIFETIME, Address, Family, lock_after

_START: Final = """
INSERT INTO sessions (session_id, account_id, family_hash, started_at, ends_at) VALUES ($1, $2, $3, $4, $5)
"""
_ISSUE: Final = "INSERT INTO refresh_tokens (token_hash, session_id) VALUES ($1, $2)"
# the session's lock guards its tokens: they are looked at after it, so that what a concurrent refresh wrote is seen
_LOCK: Final = "SELECT session_id, account_id, ends_at, revoked_at FROM sessions WHERE family_hash = $1 FOR UPDATE"
_TOKEN: Final = "SELECT used_at, used_again_at FROM refresh_tokens WHERE token_hash = $1 AND session_id = $2"
_USE: Final = """
UPDATE refresh_tokens SET used_again_at = CASE WHEN used_at IS NULL THEN NULL ELSE $2::timestamptz END,
  used_at = coalesce(used_at, $2) WHERE token_hash = $1
"""
_PROLONG: Final = "UPDATE sessions SET ends_at = least($2, started_at + $3::interval) WHERE session_id = $1"
_REVOKE: Final = "UPDATE sessions SET revoked_at = $2 WHERE session_id = $1 AND revoked_at IS NULL"
_REVOKE_ALL: Final = "UPDATE sessions SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL"
# folded by the very function that finds an account by its address: whatever finds the same account is one counter
_DIGEST: Final = "sha256(convert_to($1::text || E'\\n' || lower($2::text), 'UTF8'))"
_LOCKED_UNTIL: Final = f"SELECT locked_until FROM sign_in_failures WHERE address_hash = {_DIGEST}"
# locks the row, there or not yet: failures of one address are counted one after the other
_HOLD_FAILURES: Final = f"""
INSERT INTO sign_in_failures (address_hash, failures, failed_at) VALUES ({_DIGEST}, 0, $3)
ON CONFLICT (address_hash) DO UPDATE SET failures = sign_in_failures.failures RETURNING failures, locked_until
"""
_FAIL: Final = f"""
UPDATE sign_in_failures SET failures = $3, locked_until = $4, failed_at = $5 WHERE address_hash = {_DIGEST}
"""
_FORGIVE: Final = f"DELETE FROM sign_in_failures WHERE address_hash = {_DIGEST}"
_FORGET: Final = (
    "DELETE FROM sessions WHERE ends_at < $1 OR revoked_at < $1",
    "DELETE FROM refresh_tokens WHERE used_at < $1",
    "DELETE FROM sign_in_failures WHERE failed_at < $1",
)


async def start(tx: Tx, account_id: UUID, family_hash: bytes) -> UUID:
    """Begin a family of refresh tokens; the hash is of the part that they share."""
    session_id = uuid7()
    await tx.execute(_START, session_id, account_id, family_hash, tx.now, tx.now + REFRESH_LIFETIME)
    return session_id


async def issue(tx: Tx, session_id: UUID, token_hash: bytes) -> None:
    """Add a refresh token to its family, which lives on from here, but not for ever."""
    await tx.execute(_PROLONG, session_id, tx.now + REFRESH_LIFETIME, LONGEST_SESSION)
    await tx.execute(_ISSUE, token_hash, session_id)


async def lock(tx: Tx, family_hash: bytes, token_hash: bytes) -> Family | None:
    """A refresh token and its family, locked; the token itself may have been forgotten."""
    session = await tx.fetchrow(_LOCK, family_hash)
    if session is None:
        return None
    token = await tx.fetchrow(_TOKEN, token_hash, session["session_id"])
    used = token or {"used_at": None, "used_again_at": None}
    return Family(**session, known=token is not None, **used)


async def use(tx: Tx, token_hash: bytes) -> None:
    """Note that a refresh token was used, or used again."""
    await tx.execute(_USE, token_hash, tx.now)


async def revoke(tx: Tx, session_id: UUID) -> None:
    """End one family."""
    await tx.execute(_REVOKE, session_id, tx.now)


async def revoke_all(tx: Tx, account_id: UUID) -> None:
    """End every family of an account."""
    await tx.execute(_REVOKE_ALL, account_id, tx.now)


async def locked_until(pool: Pool, address: Address) -> datetime | None:
    """Until when nobody signs in with an address; a look that locks nothing."""
    found: datetime | None = await pool.fetchval(_LOCKED_UNTIL, *address)
    return found


async def hold_failures(tx: Tx, address: Address) -> tuple[int, datetime | None]:
    """Failures in a row and the end of the lock, with the address held until the transaction ends.

    Whoever locks the address's account too locks that first.
    """
    row = await tx.fetchrow(_HOLD_FAILURES, *address, tx.now)
    assert row is not None  # the statement writes or finds one
    return row["failures"], row["locked_until"]


async def fail(tx: Tx, address: Address, failures: int) -> None:
    """Count one more failure of a held address."""
    pause = lock_after(failures)
    await tx.execute(_FAIL, *address, failures, tx.now + pause if pause else None, tx.now)


async def forgive(tx: Tx, address: Address) -> None:
    """Forget the failures of an address."""
    await tx.execute(_FORGIVE, *address)


async def forget(tx: Tx, before: datetime) -> None:
    """Drop what ended, and failures that were the last, before a moment."""
    for statement in _FORGET:
        await tx.execute(statement, before)

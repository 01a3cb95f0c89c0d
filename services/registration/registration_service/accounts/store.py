"""Every SQL statement about accounts, sign-ups and what proves an address."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from chassis.database import Pool, Tx
from registration_service.accounts.domain import Account
from registration_service.accounts.proof import TRIES, Proof, Purpose

_COLUMNS: Final = (
    "account_id, brand, email, contact_id, state, role, organisation_id, sees_all_files, first_name, last_name, phone,"
    " language, keep_me_informed, password_hash, version, changed_at"
)
_OPEN: Final = f"""
INSERT INTO accounts ({_COLUMNS}, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
ON CONFLICT (brand, lower(email)) DO NOTHING RETURNING true
"""
_BY_ID: Final = f"SELECT {_COLUMNS} FROM accounts WHERE account_id = $1"
_AT_ADDRESS: Final = f"SELECT {_COLUMNS} FROM accounts WHERE brand = $1 AND lower(email) = lower($2)"
_WRITE: Final = """
UPDATE accounts SET state = $2, role = $3, organisation_id = $4, sees_all_files = $5, first_name = $6, last_name = $7,
  phone = $8, language = $9, keep_me_informed = $10, password_hash = $11, version = $12, changed_at = $13
WHERE account_id = $1
"""
_ADMINISTRATORS: Final = f"""
SELECT {_COLUMNS} FROM accounts WHERE organisation_id = $1 AND role = 'dealer-admin' ORDER BY account_id
"""
_MEMBERS: Final = f"""
SELECT {_COLUMNS}, created_at FROM accounts WHERE organisation_id = $1
  AND ($2::timestamptz IS NULL OR (created_at, account_id) > ($2, $3::uuid)) ORDER BY created_at, account_id LIMIT $4
"""
_LET_SEE: Final = "UPDATE accounts SET sees_all_files = $2 WHERE organisation_id = $1"
_PROOF: Final = "account_id, purpose, code_hash, token_hash, tries, expires_at, mailed_at"
_ASK: Final = "INSERT INTO sign_ups (sign_up_id, account_id, asked_at) VALUES ($1, $2, $3)"
_ASKED: Final = "SELECT account_id FROM sign_ups WHERE sign_up_id = $1"
_PROOF_OF: Final = f"SELECT {_PROOF} FROM proofs WHERE account_id = $1 AND purpose = $2"
_PROOF_BY_TOKEN: Final = f"SELECT {_PROOF} FROM proofs WHERE token_hash = $1 AND purpose = $2"
_WRITE_PROOF: Final = f"""
INSERT INTO proofs ({_PROOF}) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_id, purpose)
DO UPDATE SET code_hash = $3, token_hash = $4, tries = $5, expires_at = $6, mailed_at = $7
"""
_VOID_PROOF: Final = f"""
UPDATE proofs SET code_hash = NULL, token_hash = NULL, tries = {TRIES} WHERE account_id = $1 AND purpose = $2
"""
_HOLD_UNVERIFIED: Final = """
SELECT account_id FROM accounts WHERE state = 'unverified' AND created_at < $1 FOR UPDATE SKIP LOCKED
"""
_FORGET_UNVERIFIED: Final = """
DELETE FROM accounts a WHERE account_id = ANY($1::uuid[])
  AND NOT EXISTS (SELECT FROM sign_ups s WHERE s.account_id = a.account_id)
  AND NOT EXISTS (SELECT FROM proofs p WHERE p.account_id = a.account_id)
RETURNING contact_id
"""
_FORGET: Final = (
    "DELETE FROM proofs WHERE expires_at < $1",
    "DELETE FROM sign_ups WHERE asked_at < $1",
)


async def open_account(tx: Tx, account: Account) -> bool:
    """Write a new account; False when the address has one at this brand."""
    return bool(await tx.fetchval(_OPEN, *asdict(account).values()))


async def lock(tx: Tx, account_id: UUID) -> Account | None:
    """An account, locked until the transaction ends."""
    row = await tx.fetchrow(f"{_BY_ID} FOR UPDATE", account_id)
    return Account(**row) if row else None


async def lock_at_address(tx: Tx, brand: str, email: str) -> Account | None:
    """The account of an address, locked until the transaction ends."""
    row = await tx.fetchrow(f"{_AT_ADDRESS} FOR UPDATE", brand, email)
    return Account(**row) if row else None


async def read(pool: Pool | Tx, account_id: UUID) -> Account | None:
    """An account as it stands."""
    row = await pool.fetchrow(_BY_ID, account_id)
    return Account(**row) if row else None


async def at_address(pool: Pool, brand: str, email: str) -> Account | None:
    """The account of an address as it stands."""
    row = await pool.fetchrow(_AT_ADDRESS, brand, email)
    return Account(**row) if row else None


async def write(tx: Tx, account: Account) -> Account:
    """Write everything of an account that can change; returns it with its new version."""
    new = replace(account, version=account.version + 1, changed_at=tx.now)
    await tx.execute(
        _WRITE,
        new.account_id,
        new.state,
        new.role,
        new.organisation_id,
        new.sees_all_files,
        new.first_name,
        new.last_name,
        new.phone,
        new.language,
        new.keep_me_informed,
        new.password_hash,
        new.version,
        new.changed_at,
    )
    return new


async def administrators(tx: Tx, organisation_id: UUID) -> list[Account]:
    """Who decides for an organisation."""
    return [Account(**row) for row in await tx.fetch(_ADMINISTRATORS, organisation_id)]


async def members(
    pool: Pool, organisation_id: UUID, after: tuple[datetime | None, UUID | None], limit: int
) -> list[Record]:
    """Who belongs to an organisation, by the day of sign-up."""
    return await pool.fetch(_MEMBERS, organisation_id, *after, limit)


async def let_members_see(tx: Tx, organisation_id: UUID, every_file: bool) -> None:
    """Note with each member what the organisation lets them see."""
    await tx.execute(_LET_SEE, organisation_id, every_file)


async def ask(tx: Tx, sign_up_id: UUID, account_id: UUID) -> None:
    """Note that somebody asked to sign up."""
    await tx.execute(_ASK, sign_up_id, account_id, tx.now)


async def asked(where: Pool | Tx, sign_up_id: UUID) -> UUID | None:
    """The account for which somebody asked."""
    found: UUID | None = await where.fetchval(_ASKED, sign_up_id)
    return found


async def proof_of(where: Pool | Tx, account_id: UUID, purpose: Purpose) -> Proof | None:
    """What counts for an account; guarded by the lock of the account's own row."""
    row = await where.fetchrow(_PROOF_OF, account_id, purpose)
    return Proof(**{**row, "mailed_at": tuple(row["mailed_at"])}) if row else None


async def proof_by_token(pool: Pool, token_hash: bytes, purpose: Purpose) -> Proof | None:
    """What a link opens."""
    row = await pool.fetchrow(_PROOF_BY_TOKEN, token_hash, purpose)
    return Proof(**{**row, "mailed_at": tuple(row["mailed_at"])}) if row else None


async def write_proof(tx: Tx, proof: Proof) -> None:
    """Replace what counts for an account and a purpose."""
    await tx.execute(
        _WRITE_PROOF,
        proof.account_id,
        proof.purpose,
        proof.code_hash,
        proof.token_hash,
        proof.tries,
        proof.expires_at,
        list(proof.mailed_at),
    )


async def void_proof(tx: Tx, account_id: UUID, purpose: Purpose) -> None:
    """Let nothing open what counts for an account and a purpose; the mails of the day go on counting."""
    await tx.execute(_VOID_PROOF, account_id, purpose)


async def forget(tx: Tx, before: datetime) -> None:
    """Drop what expired or was asked before a moment."""
    for statement in _FORGET:
        await tx.execute(statement, before)


async def hold_unverified(tx: Tx, before: datetime) -> list[UUID]:
    """Accounts of before a moment whose address nobody has proven, locked; those that somebody else locks are left."""
    return [row["account_id"] for row in await tx.fetch(_HOLD_UNVERIFIED, before)]


async def forget_unverified(tx: Tx, held: list[UUID]) -> list[UUID]:
    """Drop locked accounts for which nobody has asked lately; returns their contacts."""
    return [row["contact_id"] for row in await tx.fetch(_FORGET_UNVERIFIED, held)]

"""Codes and links that somebody brings: compared before the transaction, used up inside of it (REG-01, REG-05)."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from chassis.database import Pool, Tx
from chassis.transact import Refusal
from registration_service.accounts import store
from registration_service.accounts.domain import Account
from registration_service.accounts.proof import LIFETIME, TRIES, Proof, Purpose, mailed
from registration_service.accounts.secrets import Fresh, digest, matches


@dataclass(frozen=True, slots=True)
class Claim:
    """What was found about a code or a token before the transaction; hashing takes too long inside of one."""

    account_id: UUID | None
    hash_: str | bytes | None = field(repr=False)
    """What it was compared with; it must still be the one that counts."""
    right: bool


def renewed(account_id: UUID, purpose: Purpose, last: Proof | None, now: datetime, fresh: Fresh | None) -> Proof:
    """What counts from the next mail on; without `fresh` nothing opens it, and nobody outside can tell."""
    return Proof(
        account_id=account_id,
        purpose=purpose,
        code_hash=fresh.code_hash if fresh else None,
        token_hash=digest(fresh.token) if fresh else None,
        tries=0,
        expires_at=now + LIFETIME,
        mailed_at=mailed(last, now),
    )


async def is_good(token: str, purpose: Purpose, pool: Pool, now: datetime) -> bool:
    """Whether a link still opens something; looking uses nothing up."""
    proof = await store.proof_by_token(pool, digest(token), purpose)
    return proof is not None and now < proof.expires_at


async def claim_by_link(token: str, purpose: Purpose, pool: Pool) -> Claim:
    """Whose link this is."""
    proof = await store.proof_by_token(pool, digest(token), purpose)
    return Claim(proof.account_id, proof.token_hash, right=True) if proof else Claim(None, None, right=False)


async def claim_by_code(account_id: UUID | None, purpose: Purpose, code: str, pool: Pool) -> Claim:
    """Compare a code with the one that counts for an account, if there is one."""
    proof = await store.proof_of(pool, account_id, purpose) if account_id else None
    right = await matches(proof.code_hash if proof else None, "".join(code.split()))
    return Claim(account_id, proof.code_hash if proof else None, right)


async def consume(claimed: Claim, purpose: Purpose, tx: Tx, failed: str, *, tell: bool = True) -> Account | Refusal:
    """Use up the code and the link, once; a wrong code counts, and the fifth voids it. Returns the locked account.

    Expired, void, wrong and unknown are refused alike with the code `failed`; `tell` adds the tries that are left.
    """
    account = await store.lock(tx, claimed.account_id) if claimed.account_id else None
    proof = await store.proof_of(tx, account.account_id, purpose) if account else None
    if account is None or proof is None:
        return refused(failed, 0, tell=tell)
    by_link = isinstance(claimed.hash_, bytes)
    if not by_link and proof.tries_left(tx.now) and not (claimed.right and proof.code_hash == claimed.hash_):
        tried = replace(proof, tries=proof.tries + 1)
        await store.write_proof(tx, tried)
        return refused(failed, tried.tries_left(tx.now), tell=tell, counted=True)
    live = tx.now < proof.expires_at and _same(proof.token_hash, claimed.hash_) if by_link else proof.tries_left(tx.now)
    if not live:
        return refused(failed, 0, tell=tell)
    await store.write_proof(tx, replace(proof, code_hash=None, token_hash=None, tries=TRIES))
    return account


def _same(counts: bytes | None, claimed: str | bytes | None) -> bool:
    return counts is not None and isinstance(claimed, bytes) and hmac.compare_digest(counts, claimed)


def refused(code: str, tries_left: int, *, tell: bool = True, counted: bool = False) -> Refusal:
    """The one answer to whatever opens nothing; `tell` adds the tries that are left."""
    return Refusal(code, 422, details={"tries_left": tries_left} if tell else {}, counted=counted)

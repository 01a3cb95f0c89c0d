"""A forgotten password: proof of the mailbox by code or link, then a new one (REG-05)."""

from dataclasses import replace
from typing import Final

from chassis.database import Pool, Tx
from chassis.transact import Refusal
from event_schemas.registration_mail import PasswordResetRequested
from registration_service.accounts import store
from registration_service.accounts.claims import Claim, claim_by_code, claim_by_link, consume, renewed
from registration_service.accounts.domain import Account
from registration_service.accounts.passwords import unacceptable
from registration_service.accounts.proof import Purpose, wait_seconds
from registration_service.accounts.secrets import Fresh
from registration_service.policy import policy_of

FAILED: Final = "reset-failed"
PURPOSE: Final[Purpose] = "password-reset"


async def request_reset(brand: str, email: str, tx: Tx, fresh: Fresh, public_url: str) -> PasswordResetRequested | None:
    """Make code and link for an account with a password; nothing for other addresses, nor too often.

    Raises UnknownBrand.
    """
    policy_of(brand)
    account = await store.lock_at_address(tx, brand, email)
    if account is None or not account.complete:
        return None
    last = await store.proof_of(tx, account.account_id, PURPOSE)
    if wait_seconds(last, tx.now):
        return None
    proof = renewed(account.account_id, PURPOSE, last, tx.now, fresh)
    await store.write_proof(tx, proof)
    return PasswordResetRequested(
        brand=account.brand,
        account_id=account.account_id,
        contact_id=account.contact_id,
        code=fresh.code,
        reset_url=f"{public_url}/password-reset?token={fresh.token}",
        expires_at=proof.expires_at,
    )


async def claim_reset(token: str | None, brand: str | None, email: str | None, code: str | None, pool: Pool) -> Claim:
    """Compare token or code with what counts; an unknown address takes as long as a known one."""
    if token is not None:
        return await claim_by_link(token, PURPOSE, pool)
    account = await store.at_address(pool, brand, email) if brand and email else None
    return await claim_by_code(account.account_id if account else None, PURPOSE, code or "", pool)


async def reset_password(
    claimed: Claim, password: str, confirmation: str, password_hash: str, tx: Tx
) -> Account | Refusal:
    """Use up code and link, and set the password; a password that cannot be taken uses nothing up."""
    # no tries left are told: they would tell whether the address has an account
    account = await consume(claimed, PURPOSE, tx, FAILED, tell=False)
    if isinstance(account, Refusal):
        return account
    wrong = unacceptable(password, confirmation, account.email)
    return wrong or await set_password(account, password_hash, tx)


async def set_password(account: Account, password_hash: str, tx: Tx) -> Account:
    """Write a locked account's new password; what was mailed to choose one opens nothing any more."""
    await store.void_proof(tx, account.account_id, PURPOSE)
    return await store.write(tx, replace(account, password_hash=password_hash))

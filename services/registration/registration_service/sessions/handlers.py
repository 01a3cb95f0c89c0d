"""Signing in and out (REG-05); the first session opens when the address is proven (REG-01)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from registration_service.accounts import secrets
from registration_service.accounts.claims import Claim
from registration_service.accounts.commands import ProveAddress
from registration_service.accounts.domain import Account
from registration_service.accounts.handlers import account_as_it_stands, account_at, held_account_at
from registration_service.accounts.verification import prove_address
from registration_service.policy import policy_of
from registration_service.sessions import store
from registration_service.sessions.commands import DoneView, Refresh, SignIn, SignOut, TokensView
from registration_service.sessions.domain import Address, seconds_until
from registration_service.sessions.keys import ACCESS_SECONDS, Signer


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a password before the transaction; hashing takes too long inside of one."""

    hash_: str | None = field(repr=False)
    """What it was compared with; it must still be the account's."""
    right: bool

    def still_right(self, account: Account | None) -> bool:
        """Whether it opens the account as it stands now."""
        return self.right and account is not None and account.password_hash == self.hash_


async def check(command: SignIn, pool: Pool, now: datetime) -> Checked | None:
    """Compare a password; no account takes as long as a wrong password. None for a locked address: no work for it.

    Raises UnknownBrand.
    """
    policy_of(command.brand)
    email = str(command.email)
    if seconds_until(await store.locked_until(pool, Address(command.brand, email)), now):
        return None
    account = await account_at(command.brand, email, pool)
    return await compared(account, command.password)


async def compared(account: Account | None, password: str) -> Checked:
    """Compare a password with an account's, or with nobody's in the same time."""
    hash_ = account.password_hash if account else None
    return Checked(hash_, await secrets.matches(hash_, password))


async def sign_in(command: SignIn, tx: Tx, checked: Checked | None, signer: Signer) -> Accepted | Refusal:
    """Open a session, or count a failure; while an address is locked not even the right password opens it."""
    address = Address(command.brand, str(command.email))
    account = await held_account_at(*address, tx)
    failures, locked_until = await store.hold_failures(tx, address)
    if (wait := seconds_until(locked_until, tx.now)) or checked is None:
        return later(wait or 1)
    if account is None or not checked.still_right(account):
        await store.fail(tx, address, failures + 1)
        return Refusal("sign-in-failed", 401, counted=True)
    await store.forgive(tx, address)
    return Accepted(await open_session(account, tx, signer))


def later(seconds: int) -> Refusal:
    """Too many failures; the same for addresses with and without an account."""
    return Refusal("try-later", 429, details={"retry_after_seconds": seconds})


async def verify(command: ProveAddress, tx: Tx, claimed: Claim, signer: Signer) -> Accepted | Refusal:
    """Prove an address with code or link, once; the first session is for the profile."""
    if (command.token is None) == (command.sign_up_id is None or command.code is None):
        return Refusal("verification-incomplete", 422)
    account = await prove_address(claimed, tx)
    return account if isinstance(account, Refusal) else Accepted(await open_session(account, tx, signer))


async def open_session(account: Account, tx: Tx, signer: Signer) -> TokensView:
    """A new family of refresh tokens with its first member."""
    token = secrets.new_refresh_token()
    session_id = await store.start(tx, account.account_id, secrets.family_digest(token))
    return await _tokens(account, session_id, token, tx, signer)


async def refresh(command: Refresh, tx: Tx, signer: Signer) -> Accepted | Refusal:
    """Exchange a refresh token for the next one; one that was used before ends the whole family.

    Sent twice within ten seconds it counts as a double click, once: both answers are good.
    """
    family_hash, token_hash = secrets.family_digest(command.refresh_token), secrets.digest(command.refresh_token)
    family = await store.lock(tx, family_hash, token_hash)
    meaning = family.judge(tx.now) if family else "over"
    account = await account_as_it_stands(family.account_id, tx) if family else None
    if family is None or account is None or meaning == "over":
        return Refusal("refresh-failed", 401)
    if meaning == "stolen":
        await store.revoke(tx, family.session_id)
        return Refusal("refresh-failed", 401, counted=True)
    await store.use(tx, token_hash)
    token = secrets.new_refresh_token(command.refresh_token)
    return Accepted(await _tokens(account, family.session_id, token, tx, signer), status=200)


async def _tokens(account: Account, session_id: UUID, token: str, tx: Tx, signer: Signer) -> TokensView:
    await store.issue(tx, session_id, secrets.digest(token))
    return TokensView(
        access_token=signer.access_token(account),
        expires_in=ACCESS_SECONDS,
        refresh_token=token,
        account_id=account.account_id,
        role=account.token_role,
    )


async def sign_out(command: SignOut, tx: Tx) -> Accepted:
    """End the session to which a refresh token belongs; an unknown one is answered alike."""
    token = command.refresh_token
    if family := await store.lock(tx, secrets.family_digest(token), secrets.digest(token)):
        await store.revoke(tx, family.session_id)
    return Accepted(DoneView(), status=200)

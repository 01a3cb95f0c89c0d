"""A forgotten password, and a changed one: every session ends, and the mailbox hears of it (REG-05)."""

from dataclasses import dataclass, field
from datetime import datetime

from chassis.caller import Caller
from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from event_schemas.registration_mail import PasswordChanged
from registration_service.accounts import secrets
from registration_service.accounts.claims import Claim
from registration_service.accounts.domain import Account
from registration_service.accounts.handlers import own, own_as_it_stands
from registration_service.accounts.passwords import unacceptable
from registration_service.accounts.reset import request_reset, reset_password, set_password
from registration_service.accounts.secrets import Fresh
from registration_service.sessions import store
from registration_service.sessions.commands import (
    AskReset,
    ChangePassword,
    CompleteReset,
    DoneView,
    PasswordChangedView,
)
from registration_service.sessions.domain import Address, seconds_until
from registration_service.sessions.handlers import later, open_session
from registration_service.sessions.keys import Signer


async def ask_reset(command: AskReset, tx: Tx, fresh: Fresh, public_url: str) -> Accepted:
    """Mail a code and a link to an address with an account; the answer is the same for any other."""
    mail = await request_reset(command.brand, str(command.email), tx, fresh, public_url)
    return Accepted(DoneView(), mail, 202)


async def complete_reset(command: CompleteReset, tx: Tx, claimed: Claim, password_hash: str) -> Accepted | Refusal:
    """Set a new password with what the mail brought; every session ends, and so does a lock on signing in."""
    by_code = bool(command.brand and command.email and command.code)
    if by_code == (command.token is not None):
        return Refusal("reset-incomplete", 422)
    account = await reset_password(claimed, command.password, command.password_confirmation, password_hash, tx)
    if isinstance(account, Refusal):
        return account
    fact = await _start_over(account, tx)
    return Accepted(PasswordChangedView(changed_at=tx.now), fact, 200)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the passwords before the transaction; hashing takes too long inside of one."""

    old: str | None = field(repr=False)
    """With what the current one was compared; it must still be the account's."""
    new: str | None = field(repr=False)
    """None when the current one was wrong."""


async def replace_own(command: ChangePassword, by: Caller, pool: Pool, now: datetime) -> Replaced | Refusal:
    """Compare the password of now and hash the new one; nothing is hashed for what is refused anyway."""
    account = await own_as_it_stands(by, pool)
    if account is None:
        return Refusal("not-found", 404)
    if wait := seconds_until(await store.locked_until(pool, Address(account.brand, account.email)), now):
        return later(wait)
    if wrong := unacceptable(command.password, command.password_confirmation, account.email):
        return wrong
    old = account.password_hash
    return Replaced(old, await secrets.replaced_for(by.subject, old, command.current_password, command.password))


async def change_password(
    _: ChangePassword, tx: Tx, by: Caller, replaced: Replaced, signer: Signer
) -> Accepted | Refusal:
    """Replace the password; all sessions end, and the caller gets a new one. Wrong ones count as at signing in."""
    account = await own(by, tx)
    if isinstance(account, Refusal):
        return account
    address = Address(account.brand, account.email)
    failures, locked_until = await store.hold_failures(tx, address)
    if wait := seconds_until(locked_until, tx.now):
        return later(wait)
    if replaced.new is None or replaced.old != account.password_hash:
        await store.fail(tx, address, failures + 1)
        return Refusal("current-password-wrong", 422, "/current_password", counted=True)
    account = await set_password(account, replaced.new, tx)
    fact = await _start_over(account, tx)
    return Accepted(await open_session(account, tx, signer), fact, 200)


async def _start_over(account: Account, tx: Tx) -> PasswordChanged:
    await store.revoke_all(tx, account.account_id)
    await store.forgive(tx, Address(account.brand, account.email))
    return PasswordChanged(
        brand=account.brand, account_id=account.account_id, contact_id=account.contact_id, changed_at=tx.now
    )

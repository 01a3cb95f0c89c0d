"""A person's profile: said once with the first password, changed after that (REG-02, REG-05)."""

from dataclasses import replace
from typing import Any, Final

from chassis.caller import Caller
from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from registration_service.accounts import store
from registration_service.accounts.commands import ChangeProfile, CompleteProfile, profile_of
from registration_service.accounts.domain import Account
from registration_service.accounts.handlers import own, own_as_it_stands, stepped
from registration_service.accounts.passwords import unacceptable
from registration_service.accounts.phone import e164
from registration_service.accounts.secrets import hashed_for
from registration_service.contacts.holding import change_held
from registration_service.policy import policy_of

INFORMED: Final = ("first_name", "last_name", "language", "keep_me_informed")
"""What others hear of when it changes."""
UNHASHED: Final = "-"
"""Stands for the hash while it is not known whether there will be one."""


async def first_password(command: CompleteProfile, by: Caller, pool: Pool) -> str | Refusal:
    """The hash of the first password; nothing is hashed for what is refused anyway. Raises ProblemError 429 or 503."""
    account = await own_as_it_stands(by, pool)
    outcome = _completed(command, account, UNHASHED) if account else Refusal("not-found", 404)
    return outcome if isinstance(outcome, Refusal) else await hashed_for(by.subject, command.password)


async def complete_profile(command: CompleteProfile, tx: Tx, by: Caller, password_hash: str) -> Accepted | Refusal:
    """Who the person is, and the first password; once. A declared end customer is at work from here on."""
    account = await own(by, tx)
    changed = account if isinstance(account, Refusal) else _completed(command, account, password_hash)
    return changed if isinstance(changed, Refusal) else await _write(changed, tx, informs=True)


def _completed(command: CompleteProfile, account: Account, password_hash: str) -> Account | Refusal:
    if account.complete:
        return Refusal("profile-complete", 409)
    if wrong := unacceptable(command.password, command.password_confirmation, account.email):
        return wrong
    said = command.model_dump(exclude={"password", "password_confirmation", "declares"}, exclude_none=True)
    return _changed(replace(account, password_hash=password_hash), said, command.declares)


async def change_profile(command: ChangeProfile, tx: Tx, by: Caller, if_match: str | None) -> Accepted | Refusal:
    """Write what is new of a complete profile; others hear of names, language and keep-me-informed."""
    account = await own(by, tx)
    if isinstance(account, Refusal):
        return account
    if not account.complete:
        return Refusal("profile-incomplete", 409)
    if if_match is not None and if_match.strip() not in ("*", etag_of(account)):
        return Refusal("profile-changed", 412, "/If-Match", if_match, etag_of(account))
    said = command.model_dump(exclude={"declares"}, exclude_none=True)
    changed = _changed(account, said, command.declares)
    if isinstance(changed, Refusal):
        return changed
    if changed == account:
        return Accepted(profile_of(account), status=200)
    informs = any(getattr(changed, field) != getattr(account, field) for field in INFORMED)
    return await _write(changed, tx, informs=informs)


def _changed(account: Account, said: dict[str, Any], declares: str | None) -> Account | Refusal:
    policy = policy_of(account.brand)
    language = said.get("language", account.language)
    if language not in policy.languages:
        return Refusal("language-not-offered", 422, "/language", language, policy.languages)
    if "phone" in said:
        phone = e164(said["phone"], policy.country)
        if isinstance(phone, Refusal):
            return phone
        said = said | {"phone": phone}
    changed = replace(account, **said)
    return stepped(changed, "declare", role="end-customer") if declares else changed


async def _write(account: Account, tx: Tx, *, informs: bool) -> Accepted:
    account = await store.write(tx, account)
    facts = await change_held(
        account.contact_id, account.name, account.language, account.phone, account.keep_me_informed, tx
    )
    return Accepted(profile_of(account), facts if informs else None, 200)


def etag_of(account: Account) -> str:
    """Changes whenever the account does."""
    return f'"{account.version}"'

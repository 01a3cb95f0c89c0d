"""Whose account it is, and its steps on the way to work (REG-03 to REG-06)."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.caller import Caller
from chassis.database import Pool, Tx
from chassis.transact import Refusal
from registration_service.accounts import store
from registration_service.accounts.domain import KEEPING, Account, Role, Step, after


def account_id_of(by: Caller) -> UUID | None:
    """The account that holds a token; None for servers and staff."""
    try:
        return UUID(by.subject)
    except ValueError:
        return None


async def own(by: Caller, tx: Tx) -> Account | Refusal:
    """The caller's own account, locked; whoever has none, finds none."""
    account_id = account_id_of(by)
    account = await store.lock(tx, account_id) if account_id else None
    return account or Refusal("not-found", 404)


async def own_as_it_stands(by: Caller, pool: Pool) -> Account | None:
    """The caller's own account, for looking only."""
    account_id = account_id_of(by)
    return await store.read(pool, account_id) if account_id else None


async def account_at(brand: str, email: str, pool: Pool) -> Account | None:
    """The account of an address, for looking only."""
    return await store.at_address(pool, brand, email)


async def held_account_at(brand: str, email: str, tx: Tx) -> Account | None:
    """The account of an address, locked."""
    return await store.lock_at_address(tx, brand, email)


async def account_as_it_stands(account_id: UUID, tx: Tx) -> Account | None:
    """An account, for looking only."""
    return await store.read(tx, account_id)


async def account_of(account_id: UUID, tx: Tx) -> Account | None:
    """An account, locked until the transaction ends."""
    return await store.lock(tx, account_id)


async def administrators(organisation_id: UUID, tx: Tx) -> list[Account]:
    """Who decides for an organisation."""
    return await store.administrators(tx, organisation_id)


async def members(
    organisation_id: UUID, after_: tuple[datetime | None, UUID | None], limit: int, pool: Pool
) -> list[Any]:
    """Rows of who belongs to an organisation, for a page."""
    return await store.members(pool, organisation_id, after_, limit)


async def change_role(member: Account, role: Role, tx: Tx) -> Account:
    """Write a locked member's role."""
    return await store.write(tx, replace(member, role=role)) if role != member.role else member


async def let_members_see(organisation_id: UUID, every_file: bool, tx: Tx) -> None:
    """Note what an organisation lets its members see; it is held by the caller."""
    await store.let_members_see(tx, organisation_id, every_file)


def stepped(
    account: Account, step: Step, role: Role | None = None, organisation_id: UUID | None = None
) -> Account | Refusal:
    """The account one step further; refused when the step cannot be taken from where it stands."""
    state = after(account.state, step, account.role)
    if state is None:
        details = {"state": account.state, "role": account.role or ""}
        return Refusal("account-not-free", 409, details=details)
    if not account.complete:
        return Refusal("profile-incomplete", 409)
    kept = account.role if step in KEEPING else None
    return replace(account, state=state, role=role or kept, organisation_id=organisation_id, sees_all_files=False)


async def take_step(
    account: Account, step: Step, tx: Tx, role: Role | None = None, organisation_id: UUID | None = None
) -> Account | Refusal:
    """Let a locked account take a step, and write it."""
    moved = stepped(account, step, role, organisation_id)
    return moved if isinstance(moved, Refusal) else await store.write(tx, moved)


async def admit(
    account_id: UUID, organisation_id: UUID, role: Role, tx: Tx, *, every_file: bool = False
) -> Account | Refusal:
    """Let a waiting account work for an organisation; `every_file` is what the organisation lets its members see."""
    account = await store.lock(tx, account_id)
    moved = stepped(account, "admit", role, organisation_id) if account else Refusal("not-found", 404)
    return moved if isinstance(moved, Refusal) else await store.write(tx, replace(moved, sees_all_files=every_file))


async def declare_end_customer(account_id: UUID, tx: Tx) -> Account | Refusal:
    """Let a verified account work for itself."""
    account = await store.lock(tx, account_id)
    return await take_step(account, "declare", tx, "end-customer") if account else Refusal("not-found", 404)

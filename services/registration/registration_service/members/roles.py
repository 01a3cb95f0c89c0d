"""Who belongs to an organisation, and in which role (REG-04, REG-06)."""

from uuid import UUID

from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.registration_accounts import MemberRemoved, MemberRole, MemberRoleChanged
from registration_service.accounts.domain import Account, Role
from registration_service.accounts.handlers import (
    account_as_it_stands,
    account_id_of,
    account_of,
    administrators,
    change_role,
    own,
    take_step,
)
from registration_service.members.commands import ChangeRole, LeaveOrganisation, MemberView, RemovedView, RemoveMember
from registration_service.organisations.handlers import decided_by, hold_organisation


async def remove_member(command: RemoveMember, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Let a member go; the account may join or found another, and its files stay with the organisation."""
    member = await _member(command.account_id, None, tx, by)
    if isinstance(member, Refusal):
        return member
    return await _gone(member, tx)


async def leave(_: LeaveOrganisation, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Leave one's organisation; somebody always administers it, and one's files stay with it."""
    account_id = account_id_of(by)
    before = await account_as_it_stands(account_id, tx) if account_id else None
    if before is None or before.organisation_id is None:
        return Refusal("not-found", 404)
    await hold_organisation(before.organisation_id, tx)
    member = await own(by, tx)  # as it stands now that the organisation is held
    if isinstance(member, Refusal) or member.organisation_id != before.organisation_id:
        return Refusal("not-found", 404)
    return await _last(member, tx) or await _gone(member, tx)


async def _gone(member: Account, tx: Tx) -> Accepted | Refusal:
    assert member.organisation_id is not None  # a member has one
    gone = await take_step(member, "remove", tx)
    if isinstance(gone, Refusal):
        return gone
    fact = MemberRemoved(brand=gone.brand, organisation_id=member.organisation_id, member_id=gone.contact_id)
    return Accepted(RemovedView(account_id=gone.account_id), fact, 200)


async def give_role(command: ChangeRole, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Promote or demote a member; somebody always administers."""
    member = await _member(command.account_id, command.role, tx, by)
    if isinstance(member, Refusal):
        return member
    changed = await change_role(member, command.role, tx)
    return Accepted(member_view(changed), _changed(changed) if changed.role != member.role else None, 200)


def _changed(member: Account) -> MemberRoleChanged:
    assert member.organisation_id is not None  # a member has one
    return MemberRoleChanged(
        brand=member.brand,
        organisation_id=member.organisation_id,
        member_id=member.contact_id,
        role=MemberRole(member.token_role),
    )


async def _member(account_id: UUID, role: Role | None, tx: Tx, by: Caller) -> Account | Refusal:
    """The member, locked, with the organisation; `role` is what they are to be, None when they are to go."""
    member = await account_as_it_stands(account_id, tx)
    organisation = await decided_by(by, member.organisation_id if member else None, tx)
    if isinstance(organisation, Refusal):
        return organisation
    member = await account_of(account_id, tx)  # as it stands now that the organisation is held
    if member is None or member.organisation_id != organisation.organisation_id:
        return Refusal("not-found", 404)
    last = None if role == "dealer-admin" else await _last(member, tx)
    return last or member


async def _last(member: Account, tx: Tx) -> Refusal | None:
    """The refusal of what would leave an organisation, which is held, without an administrator."""
    if member.role != "dealer-admin" or member.organisation_id is None:
        return None
    others = [one for one in await administrators(member.organisation_id, tx) if one != member]
    return None if others else Refusal("last-administrator", 409)


def member_view(member: Account) -> MemberView:
    """A member as the administrator sees them."""
    return MemberView.model_validate(member, from_attributes=True)

"""Creating an organisation, and who may decide for one (REG-03, REG-06)."""

from uuid import UUID

from uuid6 import uuid7

from chassis.caller import FILES_ALL, Caller
from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from event_schemas.registration_accounts import OrganisationCreated
from registration_service.accounts.domain import Account
from registration_service.accounts.handlers import let_members_see, own, own_as_it_stands, stepped, take_step
from registration_service.contacts.countries import country_problem
from registration_service.organisations import store
from registration_service.organisations.commands import ChangeVisibility, CreateOrganisation, own_view
from registration_service.organisations.domain import Organisation, looked_for


async def country_of(organisation_id: UUID, where: Pool | Tx) -> str | None:
    """Where an organisation is, ISO 3166-1 alpha-2."""
    organisation = await store.read(where, organisation_id)
    return organisation.country if organisation else None


async def organisation_of(organisation_id: UUID, where: Pool | Tx) -> Organisation | None:
    """An organisation, for looking only."""
    return await store.read(where, organisation_id)


async def hold_organisation(organisation_id: UUID, tx: Tx) -> None:
    """Lock an organisation: what is decided about its members is decided one after the other."""
    await store.lock(tx, organisation_id)


async def create_organisation(command: CreateOrganisation, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Found what a search did not find; its creator is its first administrator and at work from here on."""
    account = await own(by, tx)
    if isinstance(account, Refusal):
        return account
    if command.brand not in (None, account.brand):
        return Refusal("brand-not-yours", 403, "/brand", command.brand, account.brand)
    if wrong := country_problem(command.country, "/country"):
        return wrong
    new = _organisation(command, account)
    moved = stepped(account, "found", "dealer-admin", new.organisation_id)
    if isinstance(moved, Refusal):
        return moved
    searched = await store.receipt(tx, command.search_id, by.subject)
    if searched is None or not looked_for(searched, new):
        return Refusal("search-first", 409, "/search_id", str(command.search_id))
    alike = await store.similar(tx, new)
    others = {one.organisation_id for one in alike} == set(command.none_of)
    if not others or not await store.create(tx, new, account.account_id):
        return _exists(command.name, alike)
    founder = await take_step(account, "found", tx, "dealer-admin", new.organisation_id)
    if isinstance(founder, Refusal):
        return founder
    fact = OrganisationCreated(
        brand=new.brand, organisation_id=new.organisation_id, administrator_id=founder.contact_id
    )
    return Accepted(own_view(new), fact)


def _exists(name: str, alike: list[Organisation]) -> Refusal:
    candidates = [{"organisation_id": str(one.organisation_id), "name": one.name, "city": one.city} for one in alike]
    names = "; ".join(f"{one.name}, {one.city}" for one in alike)
    return Refusal("organisation-exists", 409, "/name", name, details={"candidates": candidates, "names": names})


def _organisation(command: CreateOrganisation, account: Account) -> Organisation:
    return Organisation(
        organisation_id=uuid7(),
        brand=account.brand,
        name=command.name,
        street=command.street,
        postal_code=command.postal_code,
        city=command.city,
        country=command.country,
        vat_number=command.vat_number,
        members_see="own",
    )


async def decided_by(by: Caller, organisation_id: UUID | None, tx: Tx) -> Organisation | Refusal:
    """The organisation, locked, when the caller may decide for it: as its administrator, or as staff.

    What the account is now counts, not what its token was signed for. Everything else is answered like not found.
    """
    organisation = await store.lock(tx, organisation_id) if organisation_id else None
    if organisation is None or by.brand not in (None, organisation.brand):
        return Refusal("not-found", 404)
    if FILES_ALL in by.scopes:
        return organisation
    account = await own(by, tx)
    if isinstance(account, Refusal) or account.role != "dealer-admin":
        return Refusal("not-found", 404)
    return organisation if account.organisation_id == organisation_id else Refusal("not-found", 404)


async def administered(by: Caller, pool: Pool) -> UUID | None:
    """The organisation that the caller administers as the account stands now, whatever the token was signed for."""
    account = await own_as_it_stands(by, pool)
    return account.organisation_id if account and account.role == "dealer-admin" else None


async def change_visibility(command: ChangeVisibility, tx: Tx, by: Caller) -> Accepted | Refusal:
    """What members see beside their own files; tokens that are refreshed from now on have it."""
    organisation = await decided_by(by, command.organisation_id or by.organisation, tx)
    if isinstance(organisation, Refusal):
        return organisation
    await store.let_members_see(tx, organisation.organisation_id, command.members_see)
    await let_members_see(organisation.organisation_id, command.members_see == "all", tx)
    changed = await store.read(tx, organisation.organisation_id)
    assert changed is not None  # it is locked
    return Accepted(own_view(changed), status=200)

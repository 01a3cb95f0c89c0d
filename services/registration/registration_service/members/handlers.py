"""Asking to join an organisation, and its administrator's answer (REG-03, REG-04)."""

from dataclasses import replace

from uuid6 import uuid7

from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.registration_accounts import JoinDecided, JoinRequested, JoinWithdrawn
from event_schemas.registration_mail import ApprovalAnswered, ApprovalRequested
from registration_service.accounts.domain import Account
from registration_service.accounts.handlers import account_id_of, account_of, administrators, admit, own, take_step
from registration_service.members import store
from registration_service.members.commands import ApproveJoin, RefuseJoin, RequestJoin, WithdrawJoin, join_view
from registration_service.members.domain import JoinRequest
from registration_service.organisations.domain import Organisation
from registration_service.organisations.handlers import decided_by, hold_organisation, organisation_of


async def request_join(command: RequestJoin, tx: Tx, by: Caller, public_url: str) -> Accepted | Refusal:
    """Ask to join; each administrator is written to, and the account waits. Asked again, it is the same request."""
    account = await own(by, tx)
    if isinstance(account, Refusal):
        return account
    organisation = await organisation_of(command.organisation_id, tx)
    if organisation is None or organisation.brand != account.brand:
        return Refusal("organisation-unknown", 422, "/organisation_id", str(command.organisation_id))
    if account.state == "pending":
        return await _open_already(account, organisation, tx)
    waiting = await take_step(account, "ask", tx)
    if isinstance(waiting, Refusal):
        return waiting
    request = JoinRequest(
        join_request_id=uuid7(),
        brand=organisation.brand,
        organisation_id=organisation.organisation_id,
        account_id=account.account_id,
        state="pending",
        reason=None,
        requested_at=tx.now,
        decided_at=None,
    )
    await store.ask(tx, request)
    mails = await _to_administrators(request, account, organisation, tx, public_url)
    return Accepted(join_view(request), (_requested(request, account), *mails))


async def _open_already(account: Account, organisation: Organisation, tx: Tx) -> Accepted | Refusal:
    request = await store.latest(tx, account.account_id)
    assert request is not None  # that is what the account waits for
    if request.organisation_id == organisation.organisation_id:
        return Accepted(join_view(request), status=200)
    details = {"join_request_id": str(request.join_request_id)}
    return Refusal("join-request-open", 409, "/organisation_id", str(organisation.organisation_id), details=details)


def _requested(request: JoinRequest, account: Account) -> JoinRequested:
    return JoinRequested(
        brand=request.brand,
        organisation_id=request.organisation_id,
        join_request_id=request.join_request_id,
        applicant_id=account.contact_id,
    )


async def _to_administrators(
    request: JoinRequest, account: Account, organisation: Organisation, tx: Tx, public_url: str
) -> list[ApprovalRequested]:
    return [
        ApprovalRequested(
            brand=request.brand,
            join_request_id=request.join_request_id,
            administrator_id=administrator.contact_id,
            applicant_name=account.name,
            applicant_email=account.email,
            organisation_name=organisation.name,
            decision_url=f"{public_url}/join-requests/{request.join_request_id}",
        )
        for administrator in await administrators(organisation.organisation_id, tx)
    ]


async def approve_join(command: ApproveJoin, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Let the applicant in as a member; from its next token on the account is at work."""
    found = await _open_request(command, tx, by)
    if isinstance(found, Refusal):
        return found
    request, organisation = found
    every_file = organisation.members_see == "all"
    member = await admit(request.account_id, request.organisation_id, "dealer-member", tx, every_file=every_file)
    return await _answer(replace(request, state="approved"), member, organisation, tx, by)


async def refuse_join(command: RefuseJoin, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Do not let the applicant in, and say why; the account may ask elsewhere."""
    found = await _open_request(command, tx, by)
    if isinstance(found, Refusal):
        return found
    request, organisation = found
    account = await account_of(request.account_id, tx)
    assert account is not None  # requests refer to it
    applicant = await take_step(account, "refuse", tx)
    return await _answer(replace(request, state="refused", reason=command.reason), applicant, organisation, tx, by)


async def withdraw_join(command: WithdrawJoin, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Take one's own request back; the account is free to ask elsewhere."""
    request = await store.request_of(tx, command.join_request_id)
    if request is None or request.account_id != account_id_of(by):
        return Refusal("not-found", 404)
    await hold_organisation(request.organisation_id, tx)  # decisions wait for it too
    request = await store.request_of(tx, command.join_request_id)
    assert request is not None  # requests are never deleted
    if request.state != "pending":
        return _decided(request)
    account = await own(by, tx)
    free = account if isinstance(account, Refusal) else await take_step(account, "withdraw", tx)
    if isinstance(free, Refusal):
        return free
    written = await store.decide(tx, replace(request, state="withdrawn"), by.subject)
    fact = JoinWithdrawn(
        brand=written.brand,
        organisation_id=written.organisation_id,
        join_request_id=written.join_request_id,
        applicant_id=free.contact_id,
    )
    return Accepted(join_view(written), fact, 200)


async def _open_request(
    command: ApproveJoin | RefuseJoin, tx: Tx, by: Caller
) -> tuple[JoinRequest, Organisation] | Refusal:
    request = await store.request_of(tx, command.join_request_id)
    organisation = await decided_by(by, request.organisation_id if request else None, tx)
    if isinstance(organisation, Refusal):
        return organisation
    request = await store.request_of(tx, command.join_request_id)  # as it stands now that the organisation is held
    assert request is not None  # requests are never deleted
    return (request, organisation) if request.state == "pending" else _decided(request)


def _decided(request: JoinRequest) -> Refusal:
    details = {"state": request.state, "decided_at": str(request.decided_at), "reason": request.reason or ""}
    return Refusal("join-request-decided", 409, details=details)


async def _answer(
    decided: JoinRequest, applicant: Account | Refusal, organisation: Organisation, tx: Tx, by: Caller
) -> Accepted | Refusal:
    if isinstance(applicant, Refusal):
        return applicant
    written = await store.decide(tx, decided, by.subject)
    return Accepted(join_view(written), _answered(written, applicant, organisation), 200)


def _answered(decided: JoinRequest, applicant: Account, organisation: Organisation) -> tuple[Event, ...]:
    approved = decided.state == "approved"
    fact = JoinDecided(
        brand=decided.brand,
        organisation_id=decided.organisation_id,
        join_request_id=decided.join_request_id,
        applicant_id=applicant.contact_id,
        approved=approved,
    )
    mail = ApprovalAnswered(
        brand=decided.brand,
        join_request_id=decided.join_request_id,
        applicant_id=applicant.contact_id,
        organisation_name=organisation.name,
        approved=approved,
        reason=decided.reason,
    )
    return fact, mail

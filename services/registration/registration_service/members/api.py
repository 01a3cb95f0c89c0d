"""Joining an organisation and its members over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.caller import FILES_ALL, Caller
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.transact import Refusal
from registration_service.accounts.api import PublicUrl
from registration_service.accounts.handlers import account_id_of, members
from registration_service.members import handlers, roles, store
from registration_service.members.commands import (
    ApproveJoin,
    ChangeRole,
    JoinRequestView,
    LeaveOrganisation,
    ListedJoinRequest,
    MemberView,
    NewRole,
    RefusalReason,
    RefuseJoin,
    RemovedView,
    RemoveMember,
    RequestJoin,
    WithdrawJoin,
    join_view,
)
from registration_service.members.domain import JoinState
from registration_service.organisations.handlers import administered, organisation_of

router = APIRouter(tags=["members"])
Administers = Annotated[Caller, Depends(may("members:write"))]
Decides = Annotated[Run, Depends(command("members:write"))]
JoinRequestId = Annotated[UUID, Path(description="From the list, or from the link in the administrator's mail.")]
MemberId = Annotated[UUID, Path(description="The member's account.")]


@router.post(
    "/join-requests",
    status_code=201,
    response_model=JoinRequestView,
    responses={200: {"model": JoinRequestView, "description": "The same was asked before and is still open"}},
    summary="Ask to join an organisation",
)
async def request_join(
    body: RequestJoin,
    run: Annotated[Run, Depends(command("organisations:join"))],
    public_url: PublicUrl,
) -> Response:
    """Ask to join (REG-03, REG-04): each administrator gets a mail, and the account stays inactive until one approves.

    One request at a time; the same asked again is answered 200 with the open one. `GET /own-join-request` tells what
    became of it. An end customer may ask too, and goes on as one until then.
    """
    return await run(partial(handlers.request_join, by=run.caller, public_url=public_url), body)


@router.get("/own-join-request", summary="Read one's own last request")
async def read_own_join_request(
    pool: Reader, caller: Annotated[Caller, Depends(may("accounts:own"))]
) -> JoinRequestView:
    """What became of the caller's last request to join an organisation, with the reason of a refusal (REG-04)."""
    account_id = account_id_of(caller)
    found = await store.latest(pool, account_id) if account_id else None
    if found is None:
        raise ProblemError(Refusal("not-found", 404))
    return join_view(found)


@router.get("/join-requests", summary="List requests to join")
async def list_join_requests(
    pool: Reader,
    caller: Administers,
    state: Annotated[JoinState | None, Query(description="Only these.", examples=["pending"])] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ListedJoinRequest]:
    """Who wants to join the caller's organisation, newest first (REG-04); staff see those of all organisations."""
    everything = FILES_ALL in caller.scopes
    organisation = None if everything else await administered(caller, pool)
    if not everything and organisation is None:
        return Page(items=[])
    rows = await store.listed(pool, organisation, caller.brand, state, read_cursor(cursor), limit + 1)
    return page_of(rows, limit, _listed, lambda row: (row["requested_at"], row["join_request_id"]))


@router.get("/join-requests/{join_request_id}", summary="Read a request to join")
async def read_join_request(join_request_id: JoinRequestId, pool: Reader, caller: Administers) -> ListedJoinRequest:
    """Where the link in the administrator's mail leads (REG-04); another organisation's is answered like not found."""
    row = await store.listed_one(pool, join_request_id)
    everything = FILES_ALL in caller.scopes and row is not None and caller.brand in (None, row["brand"])
    if row is None or not (everything or row["organisation_id"] == await administered(caller, pool)):
        raise ProblemError(Refusal("not-found", 404))
    return _listed(row)


@router.post("/join-requests/{join_request_id}/approval", response_model=JoinRequestView, summary="Approve a request")
async def approve_join(join_request_id: JoinRequestId, run: Decides) -> Response:
    """Approve a request (REG-04): the applicant is written to, and a member from their next token on."""
    return await run(partial(handlers.approve_join, by=run.caller), ApproveJoin(join_request_id=join_request_id))


@router.post(
    "/join-requests/{join_request_id}/refusal", response_model=JoinRequestView, summary="Do not let somebody in"
)
async def refuse_join(join_request_id: JoinRequestId, body: RefusalReason, run: Decides) -> Response:
    """Refuse a request with a reason, which is mailed to the applicant, who may ask elsewhere (REG-04)."""
    refused = RefuseJoin(join_request_id=join_request_id, reason=body.reason)
    return await run(partial(handlers.refuse_join, by=run.caller), refused)


@router.post(
    "/join-requests/{join_request_id}/withdrawal", response_model=JoinRequestView, summary="Take back one's request"
)
async def withdraw_join(
    join_request_id: JoinRequestId, run: Annotated[Run, Depends(command("organisations:join"))]
) -> Response:
    """Stop waiting for an organisation that does not answer (REG-03, REG-04); the account may ask elsewhere."""
    return await run(partial(handlers.withdraw_join, by=run.caller), WithdrawJoin(join_request_id=join_request_id))


@router.get("/members", summary="List members")
async def list_members(
    pool: Reader,
    caller: Annotated[Caller, Depends(may("members:write"))],
    organisation_id: Annotated[
        UUID | None,
        Query(description="Left out, the caller's own; only who may see all files names another."),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[MemberView]:
    """Who belongs to the organisation, in which role (REG-04, REG-06)."""
    everything = FILES_ALL in caller.scopes
    own = caller.organisation if everything else await administered(caller, pool)
    chosen = organisation_id or own
    if chosen is None and everything:
        raise ProblemError(Refusal("organisation-needed", 422, "/query/organisation_id"))
    organisation = await organisation_of(chosen, pool) if chosen else None
    allowed = everything or chosen == own
    if organisation is None or not allowed or caller.brand not in (None, organisation.brand):
        raise ProblemError(Refusal("not-found", 404))
    rows = await members(organisation.organisation_id, read_cursor(cursor), limit + 1, pool)
    return page_of(rows, limit, _member, lambda row: (row["created_at"], row["account_id"]))


@router.post("/members/{account_id}/removal", response_model=RemovedView, summary="Let a member go")
async def remove_member(account_id: MemberId, run: Decides) -> Response:
    """Take a member out of the organisation (REG-04); not the last administrator.

    Their files stay with the organisation; the account may join another.
    """
    return await run(partial(roles.remove_member, by=run.caller), RemoveMember(account_id=account_id))


@router.post("/own-membership/withdrawal", response_model=RemovedView, summary="Leave one's organisation")
async def leave_organisation(run: Annotated[Run, Depends(command("accounts:own"))]) -> Response:
    """Belong to the organisation no more (REG-04, REG-06); not the last administrator. Who belongs to none finds none.

    One's files stay with the organisation; the account may join or create another, or declare itself an end customer.
    """
    return await run(partial(roles.leave, by=run.caller), LeaveOrganisation())


@router.post("/members/{account_id}/role", response_model=MemberView, summary="Promote or demote a member")
async def give_role(account_id: MemberId, body: NewRole, run: Decides) -> Response:
    """Make a member an administrator or an administrator a member (REG-04, REG-06); somebody always administers."""
    return await run(partial(roles.give_role, by=run.caller), ChangeRole(account_id=account_id, role=body.role))


def _member(row: Record) -> MemberView:
    name = f"{row['first_name']} {row['last_name']}".strip()
    return MemberView(account_id=row["account_id"], name=name, email=row["email"], phone=row["phone"], role=row["role"])


def _listed(row: Record) -> ListedJoinRequest:
    return ListedJoinRequest.model_validate(dict(row))

"""Contests over HTTP: look at them, bring evidence, decide, withdraw."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contests import evidence, settling, store
from registration_service.contests.domain import Contest, State
from registration_service.contests.evidence import EvidenceView, GiveEvidence
from registration_service.contests.handlers import ContestView, view_of
from registration_service.contests.settling import DecideContest, SettlementView, WithdrawClaim

router = APIRouter(tags=["contests"])
ContestId = Annotated[UUID, Path(description="From the list, or from the answer that opened it.")]


class ContestDetails(ContestView):
    """A contest with the evidence that the reader may see: their own side's, or both for staff."""

    evidence: list[EvidenceView]
    """Oldest first."""


@router.get("/contests")
async def list_contests(
    pool: Reader,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    state: Annotated[State | None, Query(description="Only open or only settled ones.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ContestView]:
    """The contests in which you are a party, or all of them for staff; newest first (REG-16)."""
    is_open = None if state is None else state == "open"
    contests = await store.page(pool, Whose.seen_by(caller), is_open, read_cursor(cursor), limit + 1)
    view = partial(_view, caller=caller)
    return page_of(contests, limit, view, lambda contest: (contest.opened_at, contest.contest_id))


@router.get("/contests/{contest_id}", response_model=ContestDetails, responses=TAGGED)
async def read_contest(
    contest_id: ContestId,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One contest with evidence; one between others is answered as an unknown one (REG-16)."""
    contest = await store.find(pool, Whose.seen_by(caller), contest_id)
    if contest is None:
        raise ProblemError(Refusal("not-found", 404))
    sides = contest.parties_of(caller)
    brought = await store.evidence(pool, contest_id, contest.witnesses_for(caller))
    shown = [EvidenceView(**row) for row in brought]
    return tagged(ContestDetails(**view_of(contest, sides).model_dump(), evidence=shown), if_none_match)


@router.post("/contests/{contest_id}/evidence", status_code=201, response_model=EvidenceView)
async def give_evidence(
    contest_id: ContestId, body: GiveEvidence, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Say and show why the product is yours; staff see it, the other side does not (REG-16)."""
    return await run(partial(evidence.give_evidence, contest_id=contest_id, by=run.caller), body)


@router.post("/contests/{contest_id}/decision", response_model=SettlementView)
async def decide_contest(
    contest_id: ContestId, body: DecideContest, run: Annotated[Run, Depends(command("registrations:decide"))]
) -> Response:
    """Settle a contest. When the claimant gets the product, the holder's units return to their certificates and the
    claim is registered with its own day of purchase; both parties are told why (REG-16)."""
    return await run(partial(settling.decide, contest_id=contest_id, by=run.caller), body)


@router.post("/contests/{contest_id}/withdrawal", response_model=ContestView)
async def withdraw_claim(
    contest_id: ContestId, body: WithdrawClaim, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Give up your own claim; the holder keeps the product (REG-16)."""
    return await run(partial(settling.withdraw, contest_id=contest_id, by=run.caller), body)


def _view(contest: Contest, caller: Caller) -> ContestView:
    return view_of(contest, contest.parties_of(caller))

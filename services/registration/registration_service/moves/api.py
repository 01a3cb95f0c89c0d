"""Moves over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contacts.filters import BrandFilter
from registration_service.moves import handlers, requesting, store
from registration_service.moves.domain import Move, State
from registration_service.moves.handlers import ExecuteMove, RefuseMove, TakeStep
from registration_service.moves.requesting import RequestMove
from registration_service.moves.views import MoveView, move_view
from registration_service.products.filters import SerialFilter

router = APIRouter(tags=["moves"])
MoveId = Annotated[
    UUID, Path(description="As POST /moves answered.", examples=["0199a3c4-7b10-7018-8a5e-4d1f6c2b0018"])
]
Requester = Annotated[Run, Depends(command("registrations:write"))]
Assessor = Annotated[Run, Depends(command("registrations:decide"))]
Viewer = Annotated[Caller, Depends(may("registrations:read"))]
StateFilter = Annotated[State | None, Query(description="Only this state.", examples=["requested"])]


@router.post("/moves", status_code=201, response_model=MoveView, summary="Request a cross-border move")
async def request_move(body: RequestMove, run: Requester) -> Response:
    """A product shall move to another country: nothing happens before it is assessed and approved (REG-18, I27).

    The product is named by `product_id`, or by `brand` and `serial`; one that the caller may not see is not found.
    """
    return await run(partial(requesting.request_move, by=run.caller), body)


@router.post("/moves/{move_id}/assignment", response_model=MoveView, summary="Take a move on")
async def assign_move(move_id: MoveId, body: TakeStep, run: Assessor) -> Response:
    """The caller assesses it from now on; the customer gets a mail (REG-18, I28)."""
    return await run(partial(handlers.assign_move, move_id=move_id, by=run.caller), body)


@router.post("/moves/{move_id}/approval", response_model=MoveView, summary="Approve a move")
async def approve_move(move_id: MoveId, body: TakeStep, run: Assessor) -> Response:
    """It may be executed; only after it was assigned (REG-18, I27)."""
    return await run(partial(handlers.approve_move, move_id=move_id, by=run.caller), body)


@router.post("/moves/{move_id}/refusal", response_model=MoveView, summary="Refuse a move")
async def refuse_move(move_id: MoveId, body: RefuseMove, run: Assessor) -> Response:
    """It may not be executed; only after it was assigned. The reason goes to the customer by mail (REG-18, I27)."""
    return await run(partial(handlers.refuse_move, move_id=move_id, by=run.caller), body)


@router.post("/moves/{move_id}/execution", response_model=MoveView, summary="Report a move as executed")
async def execute_move(move_id: MoveId, body: ExecuteMove, run: Assessor) -> Response:
    """The product stands in the other country; only after the approval. The customer gets a mail (REG-18, I28)."""
    return await run(partial(handlers.execute_move, move_id=move_id, by=run.caller), body)


@router.post("/moves/{move_id}/withdrawal", response_model=MoveView, summary="Withdraw a move")
async def withdraw_move(move_id: MoveId, body: TakeStep, run: Requester) -> Response:
    """It is not wanted any more; possible until it is refused or executed (REG-18)."""
    return await run(partial(handlers.withdraw_move, move_id=move_id, by=run.caller), body)


@router.get("/moves", summary="List moves")
async def list_moves(
    pool: Reader,
    caller: Viewer,
    brand: BrandFilter = None,
    state: StateFilter = None,
    serial: SerialFilter = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[MoveView]:
    """What the caller or their organisation requested, and moves of their own products; newest first (REG-18)."""
    rows = await store.page(pool, caller.sight, (caller.brand, brand), state, serial, read_cursor(cursor), limit)
    steps = await store.steps(pool, [row["move_id"] for row in rows])
    return page_of(
        rows, limit, lambda row: move_view(Move(**row), steps), lambda row: (row["requested_at"], row["move_id"])
    )


@router.get("/moves/{move_id}", response_model=MoveView, responses=TAGGED, summary="Show a move")
async def show_move(move_id: MoveId, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None) -> Response:
    """One move with its history and what can happen next (REG-18); one that the caller may not see is not found."""
    move = await store.find(pool, move_id, caller.sight, caller.brand)
    if move is None:
        raise ProblemError(Refusal("not-found", 404))
    return tagged(move_view(move, await store.steps(pool, [move_id])), if_none_match)

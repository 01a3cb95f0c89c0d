"""Transfers over HTTP."""

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
from registration_service.products.filters import SerialFilter
from registration_service.transfers import store
from registration_service.transfers.domain import State, Transfer
from registration_service.transfers.reporting import ReportTransfer
from registration_service.transfers.reporting import report_transfer as report
from registration_service.transfers.views import TransferView
from registration_service.transfers.withdrawal import WithdrawTransfer
from registration_service.transfers.withdrawal import withdraw_transfer as withdraw

router = APIRouter(tags=["transfers"])
TransferId = Annotated[
    UUID, Path(description="As POST /transfers answered.", examples=["0199a3c4-7b10-7017-8a5e-4d1f6c2b0017"])
]
Writer = Annotated[Run, Depends(command("registrations:write"))]
Viewer = Annotated[Caller, Depends(may("registrations:read"))]
StateFilter = Annotated[State | None, Query(description="Only this state.", examples=["pending"])]


@router.post("/transfers", status_code=201, response_model=TransferView, summary="Report a transfer")
async def report_transfer(body: ReportTransfer, run: Writer) -> Response:
    """A leased product goes back, or a product is sold; what runs on it follows or ends (REG-17, I11–I14).

    The product is named by `product_id`, or by `brand` and `serial`; one that the caller may not see is not found.
    A day to come takes effect at its start in the brand's time zone, today or a day before at once. The former customer
    pays until the later of the transfer and the end of the brand's notice, which runs from the day of the report.
    """
    return await run(partial(report, by=run.caller), body)


@router.post("/transfers/{transfer_id}/withdrawal", response_model=TransferView, summary="Withdraw a transfer")
async def withdraw_transfer(transfer_id: TransferId, body: WithdrawTransfer, run: Writer) -> Response:
    """Before it takes effect the product stays where it is; afterwards 409 (REG-17)."""
    return await run(partial(withdraw, transfer_id=transfer_id, by=run.caller), body)


@router.get("/transfers", summary="List transfers")
async def list_transfers(
    pool: Reader,
    caller: Viewer,
    brand: BrandFilter = None,
    state: StateFilter = None,
    serial: SerialFilter = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[TransferView]:
    """What the caller or their organisation reported, and products that were theirs; newest first (REG-17)."""
    rows = await store.page(pool, caller.sight, (caller.brand, brand), state, serial, read_cursor(cursor), limit)
    return page_of(
        rows,
        limit,
        lambda row: TransferView.model_validate(Transfer(**row)),
        lambda row: (row["reported_at"], row["transfer_id"]),
    )


@router.get("/transfers/{transfer_id}", response_model=TransferView, responses=TAGGED, summary="Show a transfer")
async def show_transfer(
    transfer_id: TransferId, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None
) -> Response:
    """One transfer with its days and what became of it (REG-17); one that the caller may not see is not found."""
    transfer = await store.find(pool, transfer_id, caller.sight, caller.brand)
    if transfer is None:
        raise ProblemError(Refusal("not-found", 404))
    return tagged(TransferView.model_validate(transfer), if_none_match)

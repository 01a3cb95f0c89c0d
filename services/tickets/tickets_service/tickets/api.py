"""The doors of the tickets: two requests in, one ticket or a list out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.transact import Refusal
from tickets_service.tickets import handlers, store, views

router = APIRouter(tags=["tickets"])
Brand = Annotated[str | None, Query(max_length=64, pattern=handlers.NO_NUL, description="Only this brand.")]
Serial = Annotated[str | None, Query(max_length=64, pattern=handlers.NO_NUL, description="Only this unit.")]
Command = Annotated[Run, Depends(command("tickets:write"))]
Viewer = Annotated[Caller, Depends(may("tickets:read"))]


@router.post("/repair-requests", status_code=201, response_model=views.RepairOpened)
async def request_repair(body: handlers.RequestRepair, run: Command) -> Response:
    """Ask for a repair; the answer says who pays and why (TKT-03, TKT-09)."""
    return await run(handlers.request_repair, body)


@router.post("/return-requests", status_code=201, response_model=views.ReturnOpened)
async def request_return(body: handlers.RequestReturn, run: Command) -> Response:
    """Ask to give a unit back, after a failed repair or without one (TKT-07)."""
    return await run(handlers.request_return, body)


@router.get("/tickets/{ticket_id}")
async def get_ticket(
    ticket_id: Annotated[UUID, Path(description="From the answer that opened it.")], pool: Reader, _: Viewer
) -> views.TicketView:
    """A ticket with its complaint, its verdict and its history, oldest entry first (TKT-12)."""
    found = await store.find_ticket(pool, ticket_id)
    if found is None:
        raise ProblemError(Refusal("not-found", 404))
    return views.full(*found)


@router.get("/tickets")
async def list_tickets(
    pool: Reader, _: Viewer, brand: Brand = None, serial: Serial = None, cursor: CursorText = None, limit: Limit = 50
) -> Page[views.TicketLine]:
    """Tickets, newest first, of a brand and a unit when these are named (TKT-14)."""
    rows = await store.newest_tickets(pool, brand, serial and serial.upper(), read_cursor(cursor), limit)
    return page_of(rows, limit, views.line, lambda row: (row["opened_at"], row["ticket_id"]))

"""Bulk files over HTTP: the template, a file with its invoices, how far it is, and the answer."""

from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson
from asyncpg import Record
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from chassis.caller import Caller
from chassis.documents import DocumentGone
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contacts.filters import BrandFilter
from registration_service.dossiers import handlers, store
from registration_service.dossiers.answer import CHARSETS, answer, dialect_of
from registration_service.dossiers.columns import COLUMNS
from registration_service.dossiers.domain import ENDED, State
from registration_service.dossiers.handlers import CancelDossier, DossierReceipt, OpenDossier
from registration_service.dossiers.progress import STREAMS, progress
from registration_service.dossiers.table import store as table
from registration_service.dossiers.table_file import BOM, LineTooLong
from registration_service.dossiers.views import DossierView, RowView, Shown, dossier_view, outcome_meant, row_view
from registration_service.policy import policy_of

router = APIRouter(tags=["dossiers"])
Mine = Annotated[Caller, Depends(may("dossiers:read"))]
Id = Annotated[UUID, Path(description="From the list, or from the answer that took the file on.")]
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`progress` for each change, then `done`; the data of both is the file as `GET` shows it",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "You have read `done`: nothing more will come"},
}


@router.get("/dossiers/template", response_class=Response, responses=_CSV)
async def show_template(brand: Annotated[str, Query(description="Whose.", examples=["dynabook"])]) -> Response:
    """The header of a bulk file: UTF-8 with byte order mark, semicolons (REG-19).

    French and Dutch headings are understood too, in any order, with or without accents; further columns are ignored.
    """
    policy_of(brand)
    headers = {"Content-Disposition": f'attachment; filename="{quote(brand, safe="")}-template.csv"'}
    return Response(BOM + f"{';'.join(COLUMNS)}\r\n".encode(), 200, headers, "text/csv; charset=utf-8")


@router.post("/dossiers", status_code=202, response_model=DossierReceipt)
async def open_dossier(body: OpenDossier, run: Annotated[Run, Depends(command("dossiers:write"))]) -> Response:
    """Register the products of a file; each row is the form's own command with its own outcome (REG-19, REG-20).

    At most 100,000 rows. `Location` says where to follow it. Rows whose certificate or model is not known yet wait
    for it until the day on which the file is due (REG-22).
    """
    done = await run(partial(handlers.open_dossier, by=run.caller), body)
    return _located(done)


@router.get("/dossiers")
async def list_dossiers(
    request: Request,
    pool: Reader,
    caller: Mine,
    brand: BrandFilter = None,
    state: Annotated[State | None, Query(description="Only files in this state.")] = None,
    late: Annotated[bool | None, Query(description="Whose day is over, or not.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[DossierView]:
    """Your files and those of your organisation, as far as it shows them to you, newest first (REG-06, REG-22)."""
    if caller.brand and brand not in (None, caller.brand):
        return Page(items=[])
    rows = await store.listed(pool, caller.sight, brand or caller.brand, state, late, read_cursor(cursor), limit + 1)
    view = partial(dossier_view, language=language_of(request))
    return page_of(rows, limit, view, lambda row: (row["received_at"], row["dossier_id"]))


@router.get("/dossiers/{dossier_id}", response_model=DossierView, responses=TAGGED)
async def read_dossier(
    dossier_id: Id, request: Request, pool: Reader, caller: Mine, if_none_match: IfNoneMatch = None
) -> Response:
    """How far a file is: rows done, failed, rate, time left (REG-21)."""
    return tagged(dossier_view(await _found(pool, caller, dossier_id), language_of(request)), if_none_match)


@router.get("/dossiers/{dossier_id}/progress", response_class=StreamingResponse, responses=_EVENTS)
async def follow_dossier(
    dossier_id: Id,
    request: Request,
    pool: Reader,
    caller: Mine,
    seen: Annotated[str, Header(alias="Last-Event-ID", description="Of the last event that was read.")] = "",
) -> Response:
    """The same as it happens, as server-sent events; ends with the event `done` (REG-21)."""
    dossier = await _found(pool, caller, dossier_id)
    if dossier["state"] in ENDED and seen == str(dossier["version"]):
        return Response(status_code=204)  # a browser that was told `done` comes back until it hears this
    if STREAMS.locked():
        raise ProblemError(Refusal("try-again-later", 503), {"Retry-After": "5"})
    look = partial(store.find, pool, caller.sight, dossier_id, caller.brand)
    events = progress(look, language_of(request), seen)
    return StreamingResponse(events, 200, {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, "text/event-stream")


@router.get("/dossiers/{dossier_id}/rows")
async def list_rows(
    dossier_id: Id,
    request: Request,
    pool: Reader,
    caller: Mine,
    outcome: Annotated[Shown | None, Query(description="Only rows with this outcome.")] = None,
    cursor: CursorText = None,
    limit: Limit = 100,
) -> Page[RowView]:
    """What became of each row, in the order of the file (REG-20)."""
    dossier, (_, place) = await _found(pool, caller, dossier_id), read_cursor(cursor)
    after = min(place.int, 2**31 - 1) if place else 0
    rows = await table.page(pool, dossier_id, after, outcome_meant(outcome), limit + 1)
    view = partial(row_view, dry_run=dossier["dry_run"], language=language_of(request))
    return page_of(rows, limit, view, lambda row: (dossier["received_at"], UUID(int=row["position"])))


@router.get("/dossiers/{dossier_id}/answer", response_class=StreamingResponse, responses=_CSV)
async def download_answer(dossier_id: Id, request: Request, pool: Reader, caller: Mine) -> Response:
    """The file as it came, each row with result, column and message (REG-20); open rows are `pending`."""
    dossier, language = await _found(pool, caller, dossier_id), language_of(request)
    try:
        dialect = await dialect_of(pool, dossier)
    except LineTooLong as error:
        raise ProblemError(Refusal("line-too-long", 409, details={"line": error.args[0]})) from None
    except DocumentGone:
        raise ProblemError(Refusal("file-gone", 409)) from None
    name = quote(dossier["file_name"].removesuffix(".csv"), safe="")
    headers = {
        "Content-Type": f"text/csv; charset={CHARSETS[dialect.encoding]}",
        "Content-Disposition": f"attachment; filename=\"answer.csv\"; filename*=UTF-8''{name}-answer.csv",
        "Content-Language": language,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(answer(pool, dossier, dialect, language), 200, headers)


@router.post("/dossiers/{dossier_id}/cancellation", status_code=202, response_model=DossierReceipt)
async def cancel_dossier(
    dossier_id: Id, body: CancelDossier, run: Annotated[Run, Depends(command("dossiers:write"))]
) -> Response:
    """Stop: rows without an outcome are refused; what is registered stays registered (REG-21)."""
    return _located(await run(partial(handlers.cancel_dossier, by=run.caller, dossier_id=dossier_id), body))


async def _found(pool: Reader, caller: Caller, dossier_id: UUID) -> Record:
    row = await store.find(pool, caller.sight, dossier_id, caller.brand)
    if row is None:
        raise ProblemError(Refusal("not-found", 404))
    return row


def _located(answered: Response) -> Response:
    if answered.status_code == 202:
        answered.headers["Location"] = f"/dossiers/{orjson.loads(answered.body)['dossier_id']}"
    return answered

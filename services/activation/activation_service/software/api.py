"""Licences over HTTP: what there is, keys, downloads, reinstatement (ACT-12)."""

from datetime import date
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from activation_service.policy import policy_of
from activation_service.products.domain import canonical
from activation_service.software import reinstating, store
from activation_service.software.domain import Licence, State
from activation_service.software.handlers import licence_seen
from activation_service.software.loading import KeysView, KeyView, LoadKeys, ShowKey, load_keys, show_key
from activation_service.software.reinstating import ReinstateMaintenance
from activation_service.software.views import (
    LicenceDetails,
    LicenceView,
    QuoteView,
    licence_details,
    licence_view,
    quote_view,
)
from chassis.caller import Caller, Whose
from chassis.database import Database
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command, exchange
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["licences"])
LicenceId = Annotated[
    UUID, Path(description="From the list of licences.", examples=["0199a3c4-7b10-7031-8a5e-4d1f6c2b0031"])
]
Viewer = Annotated[Caller, Depends(may("licences:read"))]
HISTORY_LINES: Final = 100


@router.get("/licences", summary="List licences")
async def list_licences(
    request: Request,
    pool: Reader,
    caller: Viewer,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["d-link"])] = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="Only this product.", examples=["S3X1234567"]),
    ] = None,
    software: Annotated[
        str | None,
        Query(max_length=60, pattern=r"^[!-~]+$", description="Only this program.", examples=["NUCLIAS-CONNECT"]),
    ] = None,
    state: Annotated[State | None, Query(description="Only this state.", examples=["issued"])] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[LicenceView]:
    """The licences that the caller may see, newest first, without their keys (ACT-12, L23, I17)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    asked = brand, serial and canonical(serial), software
    found = await store.page(pool, Whose.seen_by(caller), asked, state, read_cursor(cursor), limit + 1)
    return page_of(
        found, limit, lambda one: licence_view(one, today(one, request)), lambda one: (one.created_at, one.licence_id)
    )


@router.get("/licences/{licence_id}", response_model=LicenceDetails, responses=TAGGED, summary="Show a licence")
async def show_licence(
    licence_id: LicenceId, request: Request, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None
) -> Response:
    """One licence with its maintenance and its history, also of who looked at its key (ACT-12)."""
    licence = await seen(licence_id, caller, pool)
    history = await store.history(pool, licence_id, HISTORY_LINES)
    return tagged(licence_details(licence, today(licence, request), history), if_none_match)


@router.post("/licences/{licence_id}/key", response_model=KeyView, summary="Look at a licence key")
async def look_at_key(
    licence_id: LicenceId, body: ShowKey, run: Annotated[Run, Depends(exchange("licences:write"))]
) -> Response:
    """The key, in an answer that is not to be stored; who looked, and when, is written down (ACT-12, I17)."""
    return await run(partial(show_key, licence_id=licence_id, by=run.caller), body)


@router.get("/licences/{licence_id}/reinstatement", summary="Quote the reinstatement fee")
async def quote_reinstatement(licence_id: LicenceId, request: Request, pool: Reader, caller: Viewer) -> QuoteView:
    """What it costs today to take lapsed maintenance up again, with its arithmetic (ACT-12, I16).

    409 while maintenance runs, and when only a new licence helps.
    """
    licence = await seen(licence_id, caller, pool)
    quoted = await reinstating.quote_for(licence, today(licence, request), pool)
    if isinstance(quoted, Refusal):
        raise ProblemError(quoted)
    return quote_view(licence, quoted)


@router.post("/licences/{licence_id}/reinstatement", response_model=LicenceView, summary="Reinstate maintenance")
async def reinstate_maintenance(
    licence_id: LicenceId, body: ReinstateMaintenance, run: Annotated[Run, Depends(command("contracts:open"))]
) -> Response:
    """The day's quote was paid, elsewhere: upgrades and support are there again, from today on (ACT-12, I16)."""
    return await run(partial(reinstating.reinstate, licence_id=licence_id, by=run.caller), body)


async def confidential(request: Request, run: Annotated[Run, Depends(command("licences:load"))]) -> Run:
    """As any command; what is wrong with a key is told without the key."""
    request.state.confidential = True  # FastAPI looks at the body only after this
    return run


@router.post("/licence-keys", status_code=201, response_model=KeysView, summary="Load licence keys")
async def load_licence_keys(body: LoadKeys, run: Annotated[Run, Depends(confidential)]) -> Response:
    """Up to 1000 unused keys, all or none; licences that wait get theirs at once, the oldest first (ACT-12, I17)."""
    return await run(partial(load_keys, by=run.caller), body)


async def seen(licence_id: UUID, caller: Caller, pool: Reader) -> Licence:
    """A licence that the caller may see; raises ProblemError 404."""
    licence = await licence_seen(licence_id, caller, pool)
    if licence is None:
        raise ProblemError(Refusal("not-found", 404))
    return licence


def today(licence: Licence, request: Request) -> date:
    """The day on the calendar of the licence's brand."""
    database: Database = request.app.state.database
    return policy_of(licence.brand).day_of(database.clock.now())

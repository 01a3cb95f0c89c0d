"""Announcements over HTTP."""

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from chassis import documents
from chassis.caller import Caller, Sight
from chassis.database import Database
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.documents import download
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.transact import Refusal
from registration_service.announcements import handlers, store
from registration_service.announcements.domain import Kind
from registration_service.announcements.handlers import PublishAnnouncement, WithdrawAnnouncement
from registration_service.announcements.views import (
    AnnouncementView,
    Downtimes,
    Published,
    Withdrawn,
    announcement_view,
    downtime_view,
)
from registration_service.contacts.filters import BrandFilter
from registration_service.policy import policy_of

router = APIRouter(tags=["announcements"])
AnnouncementId = Annotated[
    UUID, Path(description="As POST /announcements answered.", examples=["0199a3c4-7b10-7014-8a5e-4d1f6c2b0014"])
]
WRITE: Final = "announcements:write"
MOST_DOWNTIMES: Final = 20
FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {"schema": {"type": "string"}}}},
    304: {"description": "The file that If-None-Match names"},
}
Writer = Annotated[Run, Depends(command(WRITE))]
Viewer = Annotated[Caller, Depends(may("announcements:read"))]
KindFilter = Annotated[Kind | None, Query(description="Only this kind.", examples=["dealer_card"])]
Always = Annotated[bool, Query(description="Also what is withdrawn, over or still to come; for those who may publish.")]


@router.post("/announcements", status_code=201, response_model=Published, summary="Publish an announcement")
async def publish_announcement(body: PublishAnnouncement, run: Writer) -> Response:
    """News, a dealer card or a planned downtime with audience, period and attachment (REG-07, S21–S26)."""
    return await run(partial(handlers.publish_announcement, by=run.caller), body)


@router.post(
    "/announcements/{announcement_id}/withdrawal", response_model=Withdrawn, summary="Withdraw an announcement"
)
async def withdraw_announcement(announcement_id: AnnouncementId, body: WithdrawAnnouncement, run: Writer) -> Response:
    """Nobody is shown it any more from now on (REG-07); 409 when it is withdrawn already."""
    return await run(partial(handlers.withdraw_announcement, announcement_id=announcement_id, by=run.caller), body)


@router.get("/announcements", summary="Read announcements")
async def list_announcements(
    request: Request,
    pool: Reader,
    caller: Viewer,
    brand: BrandFilter = None,
    kind: KindFilter = None,
    any_period: Always = False,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[AnnouncementView]:
    """What concerns the caller now, newest first, in the language of `Accept-Language` (REG-07).

    By the token's brand and role, and by the country of its organisation: that is how dealer cards are by country.
    Servers and staff see announcements for every country and role.
    """
    rows = await store.page(
        pool,
        await handlers.audience_of(caller, pool),
        _database(request).clock.now(),
        any_period=_any_period(caller, asked=any_period),
        brand=brand,
        kind=kind,
        after=read_cursor(cursor),
        limit=limit,
    )
    language = language_of(request)
    return page_of(
        rows,
        limit,
        lambda row: announcement_view(store.announcement_of(row), language),
        lambda row: (row["valid_from"], row["announcement_id"]),
    )


@router.get(
    "/announcements/{announcement_id}/attachment",
    response_class=Response,
    responses=FILE,
    summary="Fetch an attachment",
)
async def show_attachment(announcement_id: AnnouncementId, request: Request, pool: Reader, caller: Viewer) -> Response:
    """The file of an announcement, for those who may see it now; anything else is not found (REG-07)."""
    found = await store.find(
        pool,
        announcement_id,
        await handlers.audience_of(caller, pool),
        _database(request).clock.now(),
        any_period=WRITE in caller.scopes,
    )
    document = await documents.find(pool, found.document_id, Sight()) if found and found.document_id else None
    if document is None:
        raise ProblemError(Refusal("not-found", 404))
    return download(request, pool, document)


@router.get("/downtimes", summary="Read planned downtimes")
async def list_downtimes(
    request: Request,
    response: Response,
    pool: Reader,
    brand: Annotated[str, Query(max_length=40, description="The brand.", examples=["dynabook"])],
    country: Annotated[
        str | None, Query(pattern="^[A-Z]{2}$", description="Only what concerns this country.", examples=["BE"])
    ] = None,
) -> Downtimes:
    """Planned downtimes to come or on, without a token, the next one first, twenty at most (REG-07, S23)."""
    policy_of(brand)
    now, language = _database(request).clock.now(), language_of(request)
    found = await store.downtimes(pool, brand, now, country, MOST_DOWNTIMES)
    response.headers.update({"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"})
    return Downtimes(items=[downtime_view(one, language) for one in found])


def _any_period(caller: Caller, *, asked: bool) -> bool:
    if asked and WRITE not in caller.scopes:
        raise ProblemError(Refusal("scope-missing", 403, "/any_period", details={"scope": WRITE}))
    return asked


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database

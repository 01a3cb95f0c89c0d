"""Sites over HTTP."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from activation_service.policy import policy_of
from activation_service.sites import handlers, store
from activation_service.sites.handlers import ChangeSite, CloseSite, CreateSite
from activation_service.sites.views import SiteView, site_view
from activation_service.sites.wording import searchable
from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.app import Problem
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import MEDIA_TYPE
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["sites"])
Writes = Annotated[Run, Depends(command("sites:write"))]
Reads = Annotated[Caller, Depends(may("sites:read"))]
Number = Annotated[str, Path(max_length=40, description="From the list, in capitals or not.", examples=["S-7KQ2-M9XA"])]
IfMatch = Annotated[
    str | None, Header(description="ETag of the site that the change is meant for; left out, it is not checked.")
]
CHANGED: Final[dict[int | str, dict[str, Any]]] = {
    412: {"description": "`If-Match` names another state of the site", "model": Problem, "content": {MEDIA_TYPE: {}}},
}


@router.post("/sites", response_model=SiteView, status_code=201, summary="Create a site")
async def create_site(body: CreateSite, run: Writes) -> Response:
    """A place of the caller's with one address and a number; an account may have several (ACT-05, L13, L14)."""
    return await run(partial(handlers.create_site, by=run.caller), body)


@router.post("/sites/{site_number}/changes", response_model=SiteView, responses=CHANGED, summary="Change a site")
async def change_site(body: ChangeSite, run: Writes, site_number: Number, if_match: IfMatch = None) -> Response:
    """Name, hint, time zone, and how the address is spelt; for another place create another site (ACT-05)."""
    return await run(partial(handlers.change_site, number=site_number, by=run.caller, if_match=if_match), body)


@router.post("/sites/{site_number}/closing", response_model=SiteView, summary="Close a site")
async def close_site(body: CloseSite, run: Writes, site_number: Number) -> Response:
    """No service can be activated there any more; those that run go on (ACT-05)."""
    return await run(partial(handlers.close_site, number=site_number, by=run.caller), body)


@router.get("/sites", summary="List or search sites")
async def list_sites(
    pool: Reader,
    caller: Reads,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["d-link"])] = None,
    number: Annotated[
        str | None, Query(max_length=20, description="Beginning of the number.", examples=["S-7K"])
    ] = None,
    q: Annotated[
        str | None,
        Query(
            min_length=2,
            max_length=120,
            description="Words, or parts of words, of name and address.",
            examples=["geneve bahnhof"],
        ),
    ] = None,
    postal_code: Annotated[
        str | None, Query(max_length=16, description="Beginning of the postal code.", examples=["9000"])
    ] = None,
    country: Annotated[
        str | None, Query(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2.", examples=["BE"])
    ] = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="true: only those that are not closed; false: only closed ones.")
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[SiteView]:
    """The sites that the caller may see, newest first; accents and case do not matter in a search (ACT-05, L16)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    beginnings = [searchable(text).replace(" ", "") if text else None for text in (number, postal_code)]
    words = [f"%{word}%" for word in searchable(q or "").split()]
    asked = brand, (beginnings[0] or "").upper() or None, words, beginnings[1] or None, country, is_open
    rows = await store.page(pool, Whose.seen_by(caller), asked, read_cursor(cursor), limit + 1)
    return page_of(
        rows, limit, lambda row: site_view(store.site_in(row)), lambda row: (row["created_at"], row["site_id"])
    )


@router.get("/sites/{site_number}", response_model=SiteView, responses=TAGGED, summary="Show a site")
async def show_site(site_number: Number, pool: Reader, caller: Reads, if_none_match: IfNoneMatch = None) -> Response:
    """One site with its address; its ETag serves `If-Match` of a change; another's is not found (ACT-05)."""
    site = await handlers.site_seen(site_number, caller, pool)
    if site is None:
        raise ProblemError(Refusal("not-found", 404))
    return tagged(site_view(site), if_none_match)

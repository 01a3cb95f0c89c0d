"""Finding, creating and opening organisations over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from uuid6 import uuid7

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.transact import Refusal
from registration_service.accounts.api import now_of
from registration_service.organisations import handlers, store
from registration_service.organisations.commands import (
    ChangeVisibility,
    CreateOrganisation,
    OrganisationView,
    OwnOrganisationView,
    SearchView,
    organisation_view,
    own_view,
)
from registration_service.organisations.domain import SHORTEST_SEARCH, SHOWN, fold
from registration_service.policy import BrandName, policy_of

router = APIRouter(tags=["organisations"])
SeesOrganisations = Annotated[Caller, Depends(may("organisations:read"))]
OrganisationId = Annotated[UUID, Path(description="From a search.")]


@router.get("/organisations", summary="Search organisations")
async def search_organisations(
    request: Request,
    pool: Reader,
    caller: SeesOrganisations,
    q: Annotated[
        str,
        Query(
            min_length=SHORTEST_SEARCH,
            max_length=100,
            description="Words of name, city or postal code, all of which are found; accents and case do not matter.",
            examples=["electro bruxelles"],
        ),
    ],
    brand: Annotated[
        BrandName | None, Query(description="Left out, the token's; needed when the token has none.", examples=["ibm"])
    ] = None,
) -> SearchView:
    """Search before joining or creating an organisation (REG-03); at most 20 are shown, by name.

    `search_id` is the receipt: when none of them is the right one, send it to `POST /organisations` within 30 minutes.
    """
    words = fold(q).split()
    if sum(map(len, words)) < SHORTEST_SEARCH:
        raise ProblemError(Refusal("search-too-short", 422, "/query/q", q, details={"shortest": SHORTEST_SEARCH}))
    found = await store.search(pool, _brand(brand, caller), words)
    search_id = uuid7()
    await store.leave_receipt(pool, search_id, caller.subject, words, now_of(request))
    items = [organisation_view(one) for one in found[:SHOWN]]
    return SearchView(search_id=search_id, items=items, more=len(found) > SHOWN)


def _brand(asked: str | None, caller: Caller) -> str:
    brand = asked or caller.brand
    if brand is None:
        raise ProblemError(Refusal("brand-needed", 422, "/query/brand"))
    if caller.brand not in (None, brand):
        raise ProblemError(Refusal("brand-not-yours", 403, "/query/brand", brand, caller.brand))
    policy_of(brand)
    return brand


@router.get(
    "/organisations/{organisation_id}",
    response_model=OwnOrganisationView | OrganisationView,
    summary="Read an organisation",
)
async def read_organisation(
    organisation_id: OrganisationId, pool: Reader, caller: SeesOrganisations
) -> OrganisationView:
    """An organisation of the caller's brand (REG-03); its own members also see what it lets members see (REG-06)."""
    found = await store.read(pool, organisation_id)
    if found is None or caller.brand not in (None, found.brand):
        raise ProblemError(Refusal("not-found", 404))
    sight = caller.sight
    belongs = caller.organisation == organisation_id or sight.columns == (None, None)
    return own_view(found) if belongs else organisation_view(found)


@router.post("/organisations", status_code=201, response_model=OwnOrganisationView, summary="Create an organisation")
async def create_organisation(
    body: CreateOrganisation, run: Annotated[Run, Depends(command("organisations:join"))]
) -> Response:
    """Create what a search did not find (REG-03); the creator is its administrator and at work at once.

    Refresh the token to get the role `dealer-admin`. The name is searched for once more: what is found in the country
    is refused with `details.candidates`. Join one of them, or, when it is none of these, send exactly their ids in
    `none_of`. One of the same name at the same postal code is refused whatever is sent. An end customer may create one
    too.
    """
    return await run(partial(handlers.create_organisation, by=run.caller), body)


@router.post("/organisation/visibility", response_model=OwnOrganisationView, summary="Say what members see")
async def change_visibility(body: ChangeVisibility, run: Annotated[Run, Depends(command("members:write"))]) -> Response:
    """Let members see their own files or all of the organisation (REG-06); it is in their tokens from the next one."""
    return await run(partial(handlers.change_visibility, by=run.caller), body)

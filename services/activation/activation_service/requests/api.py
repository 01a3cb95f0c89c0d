"""Activation requests, and what a product has and can have, over HTTP."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from activation_service.offers.handlers import offers_of
from activation_service.policy import policy_of
from activation_service.products.domain import canonical
from activation_service.products.handlers import product_seen
from activation_service.requests import store
from activation_service.requests.answers import RequestView
from activation_service.requests.asking import RequestActivation
from activation_service.requests.domain import State
from activation_service.requests.products import ProductWithServices, product_view
from activation_service.requests.requesting import request_activation
from activation_service.requests.views import Told, request_view
from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["activation requests"])
products: Final = APIRouter(tags=["products"])
RequestId = Annotated[
    UUID, Path(description="As POST /activation-requests answered.", examples=["0199a3c4-7b10-7031-8a5e-4d1f6c2b0031"])
]
Viewer = Annotated[Caller, Depends(may("activations:read"))]
StateFilter = Annotated[State | None, Query(description="Only requests with an item in this state.", examples=["held"])]


async def _has_codes(request: Request) -> None:
    """What cannot be read of the body is not repeated: a code may stand in any field of it."""
    request.state.confidential = True  # FastAPI looks at the body only after this


@router.post(
    "/activation-requests",
    status_code=202,
    response_model=RequestView,
    dependencies=[Depends(_has_codes)],
    summary="Activate services by code",
)
async def ask_for_activation(
    body: RequestActivation, request: Request, run: Annotated[Run, Depends(command("activations:write"))]
) -> Response:
    """Services for 1 to 50 registered products, each with its own outcome (ACT-02…ACT-06, L02–L16).

    What is wrong at once is said at once; the codes of the others are looked at, which takes a moment. `Location` says
    where to follow it. An item whose product does not stand at its site is held until a person has looked at it.
    """
    done = await run(partial(request_activation, by=run.caller, language=language_of(request)), body)
    if done.status_code == 202:
        done.headers["Location"] = f"/activation-requests/{orjson.loads(done.body)['request_id']}"
    return done


@router.get("/activation-requests", summary="List activation requests")
async def list_requests(
    request: Request,
    pool: Reader,
    caller: Viewer,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["dynabook"])] = None,
    state: StateFilter = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="Only with this product.", examples=["9H0123456X"]),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[RequestView]:
    """Your requests, your organisation's, and what was asked for your products; newest first (ACT-02, ACT-05).

    With `state=held`, what waits for a person, with both addresses side by side.
    """
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    whose, wanted = Whose.seen_by(caller), (brand, state, serial and canonical(serial))
    rows = await store.page(pool, whose, wanted, read_cursor(cursor), limit + 1)
    items = await store.items(pool, whose, [row.request_id for row in rows])
    told = {one: Told(language_of(request), await offers_of(one, pool), caller) for one in {row.brand for row in rows}}
    now = request.app.state.database.clock.now()
    return page_of(
        rows,
        limit,
        lambda row: request_view(row, items, told[row.brand], now),
        lambda row: (row.requested_at, row.request_id),
    )


@router.get(
    "/activation-requests/{request_id}",
    response_model=RequestView,
    responses=TAGGED,
    summary="Show an activation request",
)
async def show_request(
    request_id: RequestId, request: Request, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None
) -> Response:
    """One request with the state of each item; of others' requests what is for the caller's products (ACT-02).

    Events and mails name an item of it as their request: with that id, too, the whole request is shown.
    """
    found = await store.find(pool, request_id)
    items = await store.items(pool, Whose.seen_by(caller), [found.request_id]) if found else []
    if found is None or not items:
        raise ProblemError(Refusal("not-found", 404))
    told = Told(language_of(request), await offers_of(found.brand, pool), caller)
    return tagged(request_view(found, items, told, request.app.state.database.clock.now()), if_none_match)


@products.get("/products/{product_id}", response_model=ProductWithServices, responses=TAGGED, summary="Show a product")
async def show_product(
    product_id: Annotated[
        UUID, Path(description="From GET /products.", examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    ],
    request: Request,
    pool: Reader,
    caller: Viewer,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A product, the services that it has and had, and the offers that are for it (ACT-04, ACT-06, L20–L22)."""
    product = await product_seen(product_id, caller, pool)
    if product is None:
        raise ProblemError(Refusal("not-found", 404))
    now = request.app.state.database.clock.now()
    return tagged(await product_view(product, caller, language_of(request), pool, now), if_none_match)

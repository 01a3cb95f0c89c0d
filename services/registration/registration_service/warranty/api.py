"""The public check by serial number over HTTP."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from chassis.database import Database
from chassis.http.problems import language_of
from registration_service.allowances.turns import HEADERS, LIMITED, network_of, take_turn
from registration_service.allowances.turnstile import turnstile_of
from registration_service.offers.handlers import names_in
from registration_service.policy import policy_of
from registration_service.products.domain import canonical
from registration_service.settings import Network
from registration_service.warranty import store
from registration_service.warranty.floor import hold_back
from registration_service.warranty.views import WarrantyCheck, products_of

router = APIRouter(tags=["warranty"])
LABEL: Final = r"^[^\x00]*$"
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": HEADERS}, **LIMITED}


@router.get("/warranty-checks", response_model=WarrantyCheck, responses=ANSWERS, summary="Check a warranty")
async def check_warranty(
    request: Request,
    brand: Annotated[str, Query(min_length=1, max_length=40, description="One of the brands.", examples=["dynabook"])],
    serial: Annotated[
        str,
        Query(
            min_length=1,
            max_length=64,
            pattern=LABEL,
            description="As on the product's label; capitals or not.",
            examples=["9H0123456X"],
        ),
    ],
    model: Annotated[
        str, Query(max_length=64, pattern=LABEL, description="Only this model.", examples=["PT5B1E-0K601"])
    ] = "",
) -> Response:
    """Is a product under warranty, until when, and which services are registered, active, operational (REG-23).

    For everybody, without a token; whose the product is does not show. A serial number that nobody registered, one
    that cannot be right and one of another brand have the same answer after the same time. How often an address may
    ask is limited, and guessing costs more than asking: one check that finds nothing counts as five that do.
    """
    since = asyncio.get_running_loop().time()
    network, most = network_of(request), request.app.state.settings.waiting_each
    async with turnstile_of(request, "checks").through(str(network), most):
        answer = await _look(request, network, (brand, canonical(serial), canonical(model)))
    await hold_back(since)
    return answer


async def _look(request: Request, network: Network, label: tuple[str, str, str]) -> Response:
    brand, serial, model = label
    policy = policy_of(brand)
    database: Database = request.app.state.database
    turn = await take_turn(request, "warranty-check", network)
    lines = await store.lines(database.pool, brand, serial, model)
    left = await turn.settle(good=bool(lines))
    today = policy.day_of(database.clock.now())
    names = await names_in(language_of(request), [brand], database.pool)
    products = products_of(lines, policy, today, names)
    view = WarrantyCheck(brand=brand, serial=serial, checked_on=today, products=products)
    headers = {"Cache-Control": "no-store", **left}
    return Response(view.model_dump_json(), headers=headers, media_type="application/json")

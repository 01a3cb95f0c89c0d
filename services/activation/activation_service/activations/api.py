"""Activated services over HTTP."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from activation_service.activations.domain import State
from activation_service.activations.handlers import service_seen
from activation_service.activations.list_store import Wanted, page
from activation_service.activations.siting import AssignSite
from activation_service.activations.siting import assign_site as assign
from activation_service.activations.views import ActivationView, names_of, shown, view_of
from activation_service.policy import policy_of
from activation_service.products.domain import canonical
from activation_service.sites.domain import written
from chassis.caller import Caller, Whose
from chassis.days import Day
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["activations"])
ActivationId = Annotated[
    UUID, Path(description="As GET /activations shows it.", examples=["0199a3c4-7b10-700a-8a5e-4d1f6c2b000a"])
]
Viewer = Annotated[Caller, Depends(may("activations:read"))]
OnDay = Annotated[
    Day | None,
    Query(description="Only those that cover this day of their brand's calendar.", examples=["2026-12-24"]),
]


def _text(description: str, example: str) -> object:
    return Query(max_length=64, pattern=r"^[^\x00]+$", description=description, examples=[example])


@router.get("/activations", summary="List activated services")
async def list_activations(
    request: Request,
    pool: Reader,
    caller: Viewer,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["dynabook"])] = None,
    serial: Annotated[str | None, _text("Only this product.", "9H0123456X")] = None,
    product_id: Annotated[UUID | None, Query(description="Only this product.")] = None,
    service_reference: Annotated[str | None, _text("Only this offer.", "PPCP013FR-VGAD")] = None,
    state: Annotated[State | None, Query(description="Only this state.", examples=["operational"])] = None,
    site_number: Annotated[str | None, _text("Only at this site.", "S-7KQ2-M9XA")] = None,
    contract_number: Annotated[str | None, _text("Only under this contract.", "DY-2026-000042")] = None,
    customer_id: Annotated[UUID | None, Query(description="Only this customer's.")] = None,
    active_on: OnDay = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ActivationView]:
    """Services that the caller may see with their validity dates, newest first (ACT-01, ACT-06…ACT-08, L19–L22)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    wanted = Wanted(
        brand=brand,
        serial=serial and canonical(serial),
        product_id=product_id,
        service_reference=service_reference,
        state=state,
        site_number=site_number and written(site_number),
        contract_number=contract_number and contract_number.strip().upper(),
        customer_id=customer_id,
        active_on=active_on,
    )
    found = await page(pool, Whose.seen_by(caller), wanted, read_cursor(cursor), limit)
    names = await names_of(found, language_of(request), pool)
    return page_of(found, limit, lambda one: shown(one, names), lambda one: (one.activated_at, one.activation_id))


@router.get(
    "/activations/{activation_id}", response_model=ActivationView, responses=TAGGED, summary="Show an activated service"
)
async def show_activation(
    activation_id: ActivationId,
    request: Request,
    pool: Reader,
    caller: Viewer,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One service with validity, site and contract (ACT-08); one that the caller may not see is not found."""
    found = await service_seen(activation_id, caller, pool)
    if found is None:
        raise ProblemError(Refusal("not-found", 404))
    return tagged(await view_of(found, language_of(request), pool), if_none_match)


@router.post("/activations/{activation_id}/site", response_model=ActivationView, summary="Say where a service is given")
async def assign_site(
    activation_id: ActivationId,
    body: AssignSite,
    request: Request,
    run: Annotated[Run, Depends(command("activations:write"))],
) -> Response:
    """The product of a service stands at a site (ACT-05, L12).

    Where its address is not the site's, 409 shows both and nothing changes: correct one of them.
    """
    language = language_of(request)
    return await run(partial(assign, activation_id=activation_id, by=run.caller, language=language), body)

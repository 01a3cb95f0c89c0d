"""The catalogue over HTTP."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response

from activation_service.offers import changing, handlers
from activation_service.offers.commands import ChangeOffer, OfferView, PublishOffer, WithdrawOffer, etag_of, view_of
from activation_service.offers.domain import covers
from activation_service.policy import policy_of
from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.app import Problem
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import Page
from chassis.http.problems import MEDIA_TYPE, language_of
from chassis.http.tagged import TAGGED, IfNoneMatch
from chassis.transact import Refusal

router: Final = APIRouter(tags=["offers"])
Sees = Annotated[Caller, Depends(may("offers:read"))]
BrandName = Annotated[str, Query(max_length=40, description="The brand that sells it.", examples=["dynabook"])]
Reference = Annotated[
    str, Path(max_length=60, pattern=r"^[^\x00]+$", description="Reference.", examples=["PPCP013FR-VGAD"])
]
IfMatch = Annotated[
    str | None,
    Header(description="ETag of the offer that is meant; left out, it is not checked.", examples=['"1-en"']),
]
CHANGED: Final[dict[int | str, dict[str, Any]]] = {
    412: {"description": "`If-Match` names another state of the offer", "model": Problem, "content": {MEDIA_TYPE: {}}},
}


def _brand_of(brand: str, caller: Caller) -> str:
    """The brand, when it exists and the caller's token is good for it; raises ProblemError 403 or UnknownBrand."""
    if caller.brand not in (None, brand):
        raise ProblemError(Refusal("brand-not-yours", 403, "/query/brand", brand, caller.brand))
    policy_of(brand)
    return brand


@router.get("/offers", summary="List the offers of a brand")
async def list_offers(
    request: Request,
    pool: Reader,
    caller: Sees,
    brand: BrandName,
    model: Annotated[
        str | None, Query(max_length=60, description="Only offers for this model.", examples=["PT5B1E-0K601"])
    ] = None,
    on_sale: Annotated[bool | None, Query(description="Only those on sale, or only the others.")] = None,
) -> Page[OfferView]:
    """What a brand sells or has sold, on one page; which of it applies to a model (ACT-04)."""
    found = await handlers.all_listed(_brand_of(brand, caller), pool)
    wanted = [
        one for one in found if on_sale in (None, one.on_sale) and (not model or covers(one.offer, model.upper()))
    ]
    return Page(items=[view_of(one, language_of(request)) for one in wanted])


@router.get("/offers/{reference}", response_model=OfferView, responses=TAGGED, summary="Show an offer")
async def show_offer(
    request: Request,
    pool: Reader,
    caller: Sees,
    reference: Reference,
    brand: BrandName,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One offer with its models and terms (ACT-02, ACT-04); its ETag serves `If-Match` of a change."""
    found = await handlers.listed(_brand_of(brand, caller), reference, pool)
    if found is None:
        raise ProblemError(Refusal("not-found", 404))
    language = language_of(request)
    tag = etag_of(found, language)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if tag in (if_none_match or ""):
        return Response(None, 304, headers)
    return Response(view_of(found, language).model_dump_json(), 200, headers, "application/json")


Writes = Annotated[Run, Depends(command("offers:write"))]


@router.post("/offers", status_code=201, response_model=OfferView, summary="Publish a new offer")
async def publish_offer(body: PublishOffer, run: Writes, request: Request) -> Response:
    """A new offer, on sale at once (ACT-04). Its reference names it for ever; whoever sells or writes hears of it."""
    return await run(partial(changing.publish_offer, language=language_of(request)), body)


@router.post("/offers/{reference}/changes", response_model=OfferView, responses=CHANGED, summary="Change an offer")
async def change_offer(
    body: ChangeOffer, run: Writes, request: Request, reference: Reference, if_match: IfMatch = None
) -> Response:
    """Say what is to be otherwise from now on (ACT-04); what is not sent stays, and so does what was activated already.

    It holds until the entry of the brand's policy changes, if there is one.
    """
    language = language_of(request)
    return await run(partial(changing.change_offer, reference=reference, if_match=if_match, language=language), body)


@router.post(
    "/offers/{reference}/withdrawal", response_model=OfferView, responses=CHANGED, summary="Take an offer off sale"
)
async def withdraw_offer(
    body: WithdrawOffer, run: Writes, request: Request, reference: Reference, if_match: IfMatch = None
) -> Response:
    """No new orders from now on (ACT-04); certificates that were sold can still be redeemed.

    It holds until it is put on sale again by a change, or the entry of the brand's policy changes.
    """
    language = language_of(request)
    return await run(partial(changing.withdraw_offer, reference=reference, if_match=if_match, language=language), body)

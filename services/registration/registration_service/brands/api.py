"""Brands over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from chassis.http.commands import Reader
from chassis.http.errors import ProblemError
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.policies import UnknownBrand
from chassis.transact import Refusal
from registration_service.brands.domain import Brands, BrandView
from registration_service.offers.handlers import names_in, offers_of
from registration_service.policy import BOOK, policy_of

router = APIRouter(tags=["brands"])
CACHE: Final = "public, max-age=300"
EARLY: Final = "no-cache"
"""What is sold will be heard any moment."""


@router.get("/brands", response_model=Brands, responses=TAGGED, summary="List the brands")
async def list_brands(request: Request, pool: Reader, if_none_match: IfNoneMatch = None) -> Response:
    """What a front end shows before anybody signs in, in the language of `Accept-Language` (POL-03)."""
    language = language_of(request)
    names = BOOK.brands()
    known = (await names_in(language, names, pool)).offers.values()
    sold = {name: [offer for offer in known if offer.brand == name] for name in names}
    items = [BrandView.of(policy_of(name), sold[name], language) for name in names]
    return tagged(Brands(items=items), if_none_match, CACHE if all(sold.values()) else EARLY)


@router.get("/brands/{brand}", response_model=BrandView, responses=TAGGED, summary="Show a brand")
async def show_brand(
    request: Request,
    pool: Reader,
    brand: Annotated[str, Path(description="The brand's name.", examples=["dynabook"])],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Languages, contacts, label rules and services of a brand, in the language of `Accept-Language` (POL-03)."""
    try:
        policy = policy_of(brand)
    except UnknownBrand:
        raise ProblemError(Refusal("not-found", 404)) from None
    offers = await offers_of(brand, pool)
    return tagged(
        BrandView.of(policy, offers.values(), language_of(request)), if_none_match, CACHE if offers else EARLY
    )

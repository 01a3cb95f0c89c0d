"""Brands over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from chassis.http.errors import ProblemError
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.policies import UnknownBrand
from chassis.transact import Refusal
from registration_service.brands.domain import Brands, BrandView
from registration_service.policy import BOOK, policy_of

router = APIRouter(tags=["brands"])
CACHE: Final = "public, max-age=300"


@router.get("/brands", response_model=Brands, responses=TAGGED, summary="List the brands")
async def list_brands(request: Request, if_none_match: IfNoneMatch = None) -> Response:
    """What a front end shows before anybody signs in, in the language of `Accept-Language` (POL-03)."""
    language = language_of(request)
    items = [BrandView.of(policy_of(name), language) for name in BOOK.brands()]
    return tagged(Brands(items=items), if_none_match, CACHE)


@router.get("/brands/{brand}", response_model=BrandView, responses=TAGGED, summary="Show a brand")
async def show_brand(
    request: Request,
    brand: Annotated[str, Path(description="The brand's name.", examples=["dynabook"])],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Languages, contacts, label rules and services of a brand, in the language of `Accept-Language` (POL-03)."""
    try:
        policy = policy_of(brand)
    except UnknownBrand:
        raise ProblemError(Refusal("not-found", 404)) from None
    return tagged(BrandView.of(policy, language_of(request)), if_none_match, CACHE)

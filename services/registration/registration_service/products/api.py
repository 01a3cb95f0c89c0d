"""Registered products over HTTP."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contacts.domain import Whose
from registration_service.contacts.filters import BrandFilter
from registration_service.policy import policy_of
from registration_service.products import store
from registration_service.products.domain import Running
from registration_service.products.filters import SerialFilter

router = APIRouter(tags=["products"])


class ServiceView(BaseModel):
    """A service that the product has redeemed; its registration is read with `GET /registrations/{redemption_id}`."""

    redemption_id: UUID
    certificate_id: UUID
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""


class ProductView(BaseModel):
    """One registered unit."""

    product_id: UUID
    brand: str = Field(examples=["dynabook"])
    model: str = Field(examples=["PT5B1E-0K601"])
    serial: str = Field(examples=["9H0123456X"])
    purchased_on: date = Field(examples=["2026-11-20"])
    """Day of purchase: the standard warranty starts here and needs no registration (REG-14)."""
    warranty_ends_on: date = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID
    registered_at: datetime


class ProductDetails(ProductView):
    """One registered unit with its running services."""

    services: list[ServiceView]


@router.get("/products")
async def list_products(
    pool: Reader,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    brand: BrandFilter = None,
    serial: SerialFilter = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ProductView]:
    """Your products and those that your organisation registered, as far as you may see them; newest first (REG-06)."""
    rows = await store.page(pool, Whose.seen_by(caller), (brand, serial), read_cursor(cursor), limit + 1)
    return page_of(rows, limit, _product, lambda row: (row["registered_at"], row["product_id"]))


@router.get("/products/{product_id}", response_model=ProductDetails, responses=TAGGED)
async def read_product(
    product_id: Annotated[UUID, Path(description="From the list, or from the answer to the registration.")],
    request: Request,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One product with its running services; somebody else's is answered as an unknown one (REG-06, REG-14)."""
    row = await store.shown(pool, Whose.seen_by(caller), product_id)
    if row is None:
        raise ProblemError(Refusal("not-found", 404))
    service = partial(_service, brand=row["brand"], language=language_of(request))
    services = [service(one) for one in await store.services_of(pool, product_id)]
    return tagged(ProductDetails(**_product(row).model_dump(), services=services), if_none_match)


def _product(row: Record) -> ProductView:
    told: dict[str, Any] = {name: row[name] for name in ProductView.model_fields}
    return ProductView(**told)


def _service(running: Running, brand: str, language: str) -> ServiceView:
    return ServiceView(
        redemption_id=running.redemption_id,
        certificate_id=running.certificate_id,
        service_reference=running.service_reference,
        service_name=policy_of(brand).service_name(running.service_reference, language),
    )

"""Registered products over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contacts.filters import BrandFilter
from registration_service.offers.domain import Names
from registration_service.offers.handlers import names_in
from registration_service.products import redemptions_store, store
from registration_service.products.domain import RegisteredAs, Running
from registration_service.products.filters import SerialFilter
from registration_service.products.views import ProductView, product_view

router = APIRouter(tags=["products"])


class ServiceView(BaseModel):
    """A service that the product has redeemed; its registration is read with `GET /registrations/{redemption_id}`."""

    redemption_id: UUID
    certificate_id: UUID
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""


class ProductDetails(ProductView):
    """One registered unit with its running services."""

    registered_as: RegisteredAs | None = Field(examples=["end-customer"])
    """`reseller` when somebody registered it on the customer's behalf; null when it came to them by a sale."""
    proof_of_purchase: list[UUID]
    """Documents that came when it was registered."""
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
    return page_of(rows, limit, product_view, lambda row: (row["registered_at"], row["product_id"]))


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
    names = await names_in(language_of(request), [row["brand"]], pool)
    service = partial(_service, brand=row["brand"], names=names)
    services = [service(one) for one in await redemptions_store.services_of(pool, product_id)]
    came = {name: row[name] for name in ("registered_as", "proof_of_purchase")}
    return tagged(ProductDetails(**product_view(row).model_dump(), **came, services=services), if_none_match)


def _service(running: Running, brand: str, names: Names) -> ServiceView:
    return ServiceView(
        redemption_id=running.redemption_id,
        certificate_id=running.certificate_id,
        service_reference=running.service_reference,
        service_name=names.of(brand, running.service_reference),
    )

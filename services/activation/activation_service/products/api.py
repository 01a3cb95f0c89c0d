"""Registered products over HTTP."""

from datetime import UTC, date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from activation_service.policy import policy_of
from activation_service.products import store
from activation_service.products.domain import canonical
from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor

router: Final = APIRouter(tags=["products"])
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Products are ordered by id alone; the cursor has room for a moment too."""


class ProductView(BaseModel):
    """One registered unit."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    product_id: UUID
    brand: str = Field(examples=["dynabook"])
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    purchased_on: date | None = Field(examples=["2026-11-20"])
    warranty_ends_on: date | None = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID
    country: str | None = Field(examples=[None])
    """ISO 3166-1 alpha-2: where a move has brought it; null when it has not moved."""


@router.get("/products", summary="List products")
async def list_products(
    pool: Reader,
    caller: Annotated[Caller, Depends(may("activations:read"))],
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["dynabook"])] = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="As on the label.", examples=["9H0123456X"]),
    ] = None,
    model: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="As on the label.", examples=["PT5B1E-0K601"]),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ProductView]:
    """The registered products that the caller may see, last registered first (ACT-06, L20, L22)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    asked = brand, serial and canonical(serial), model and canonical(model)
    _, after = read_cursor(cursor)
    rows = await store.page(pool, Whose.seen_by(caller), asked, after, limit + 1)
    return page_of(rows, limit, lambda row: ProductView(**row), lambda row: (ALWAYS, row["product_id"]))

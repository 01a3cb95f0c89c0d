"""Activated services over HTTP."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from activation_service.activations import store
from activation_service.policy import policy_of
from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor

router: Final = APIRouter(tags=["activations"], dependencies=[Depends(may("activations:read"))])


class ActivationView(BaseModel):
    """A service on a product, with its validity."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    activation_id: UUID
    brand: Annotated[str, Field(examples=["dynabook"])]
    product_id: UUID
    serial: Annotated[str, Field(examples=["9H0123456X"])]
    service_reference: Annotated[str, Field(examples=["PPCP013FR-VGAD"])]
    service_name: Annotated[str, Field(examples=["Pack Pro Connect 3 ans"])]
    response_level: Annotated[str, Field(examples=["on-site-next-business-day"])]
    state: Literal["in_setup", "operational", "ended", "cancelled"]
    activated_at: AwareDatetime
    operational_at: AwareDatetime
    """When the set-up delay is over, also while it still lies ahead."""
    ends_on: date
    """Last day as bought, inclusive."""
    ended_on: date | None
    """Last day of a service that ends early, inclusive."""


@router.get("/activations")
async def list_activations(
    pool: Reader,
    brand: Annotated[str | None, Query(description="Only this brand.", examples=["dynabook"])] = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[^\x00]+$", description="Only this product.", examples=["9H0123456X"]),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ActivationView]:
    """Services of a product or of a brand with their validity dates, newest first (ACT-01, ACT-07)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    rows = await store.page(pool, brand, serial, read_cursor(cursor), limit)
    return page_of(
        rows, limit, lambda row: ActivationView(**row), lambda row: (row["activated_at"], row["activation_id"])
    )

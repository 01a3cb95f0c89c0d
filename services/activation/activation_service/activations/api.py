"""Activated services over HTTP."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

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
    brand: str
    product_id: UUID
    serial: str
    service_reference: str
    service_name: str
    response_level: str
    state: Literal["in_setup", "operational", "cancelled"]
    activated_at: AwareDatetime
    operational_at: AwareDatetime
    ends_on: date
    """Last day, inclusive."""


@router.get("/activations")
async def list_activations(
    pool: Reader,
    brand: Annotated[str | None, Query(examples=["dynabook"])] = None,
    serial: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]+$", examples=["9H0123456X"])] = None,
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

"""Credits over HTTP."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from credits_service.notes import store
from credits_service.notes.domain import LookUp
from credits_service.policy import policy_of
from event_schemas import Money

router: Final = APIRouter(tags=["notes"], dependencies=[Depends(may("credits:read"))])
ONE_LINE: Final = r"^[^\x00-\x1f\x7f]+$"


class CreditView(BaseModel):
    """What became of an accepted return; the arithmetic is there once the credit is issued."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    credit_id: UUID
    ticket_id: UUID
    brand: str
    grms_number: Annotated[str, Field(examples=["GRMS-2026-000815"])]
    serial: str
    state: Literal["requested", "issued", "refused"]
    reason: Annotated[str | None, Field(examples=["already_credited"])]
    """Why it is refused."""
    requested_at: AwareDatetime
    accepted_on: date
    issued_at: AwareDatetime | None
    invoice_number: str | None
    invoiced_on: date | None
    base: Money | None
    age_months: Annotated[int | None, Field(examples=[10])]
    """Full months from the invoice to the acceptance of the return."""
    depreciation_percent: Annotated[int | None, Field(examples=[43])]
    amount: Money | None
    """base x (100 - depreciation_percent) / 100, rounded half up to the cent."""


@router.get("/credits")
async def list_credits(
    pool: Reader,
    brand: Annotated[str | None, Query(description="Only this brand.", examples=["dynabook"])] = None,
    grms_number: Annotated[
        str | None,
        Query(max_length=40, pattern=ONE_LINE, description="Of the accepted return.", examples=["GRMS-2026-000815"]),
    ] = None,
    serial: Annotated[
        str | None,
        Query(max_length=64, pattern=ONE_LINE, description="Of the returned unit.", examples=["9H0123456X"]),
    ] = None,
    invoice_number: Annotated[
        str | None,
        Query(max_length=40, pattern=ONE_LINE, description="The seller's.", examples=["INV-2026-10233"]),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[CreditView]:
    """Credits by GRMS number, serial or invoice number, newest first (CRD-04)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    wanted = LookUp(brand, grms_number, serial, invoice_number)
    rows = await store.page(pool, wanted, read_cursor(cursor), limit)
    return page_of(rows, limit, _view, lambda row: (row["requested_at"], row["credit_id"]))


def _view(row: asyncpg.Record) -> CreditView:
    def money(column: str) -> Money | None:
        return None if row[column] is None else Money(amount=row[column], currency=row["currency"])

    return CreditView(**{**row, "base": money("base"), "amount": money("amount")})

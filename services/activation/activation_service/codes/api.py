"""Codes that were bought and not used yet, over HTTP."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from activation_service.codes import store
from activation_service.codes.domain import lapse_moment
from activation_service.offers.handlers import offers_of
from activation_service.policy import policy_of
from chassis.caller import Caller, Whose
from chassis.days import Day
from chassis.http.access import may
from chassis.http.commands import Reader
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of

router: Final = APIRouter(tags=["codes"])
BrandFilter = Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["d-link"])]
LapsingBefore = Annotated[
    Day | None, Query(description="Only those whose last day is before this one.", examples=["2027-02-20"])
]


class CodeView(BaseModel):
    """A certificate with units that are not used yet; its number, the code itself, is in the buyer's mailbox only."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    certificate_id: UUID = Field(examples=["0199a3c4-7b10-7002-8a5e-4d1f6c2b0002"])
    order_id: UUID = Field(examples=["0199a3c4-7b10-7001-8a5e-4d1f6c2b0001"])
    brand: str = Field(examples=["d-link"])
    case_number: str = Field(examples=["CASE-2026-0042"])
    service_reference: str = Field(examples=["DAS-A-36"])
    service_name: str = Field(examples=["D-Link Assist 3 years, next business day"])
    """In the reader's language."""
    quantity: int = Field(examples=[3])
    """Units that were bought."""
    units_left: int = Field(examples=[2])
    purchased_on: date = Field(examples=["2026-11-22"])
    lapses_on: date | None = Field(examples=["2027-02-20"])
    """Last day on which it can be used, inclusive; null: it never lapses."""
    lapsed: bool = Field(examples=[False])
    """The last day is over: the units that are left cannot be used any more."""


@router.get("/codes", summary="List codes that are not used up")
async def list_codes(
    request: Request,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("activations:read"))],
    brand: BrandFilter = None,
    lapsing_before: LapsingBefore = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[CodeView]:
    """What the caller has bought and not used up, with the last day of each; newest first (ACT-03)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    rows = await store.page(pool, Whose.seen_by(caller), brand, lapsing_before, read_cursor(cursor), limit + 1)
    language, now = language_of(request), request.app.state.database.clock.now()
    names = {
        (one, offer.reference): offer.name.speak(language)
        for one in {row["brand"] for row in rows}
        for offer in await offers_of(one, pool)
    }
    return page_of(
        rows, limit, lambda row: _view(row, names, now), lambda row: (row["confirmed_at"], row["certificate_id"])
    )


def _view(row: Record, names: dict[tuple[str, str], str], now: datetime) -> CodeView:
    known = dict(row)
    told = {name: known[name] for name in CodeView.model_fields if name in known}
    told["service_name"] = names.get((row["brand"], row["service_reference"]), row["service_name"])
    lapses_on = row["lapses_on"]
    lapsed = lapses_on is not None and now >= lapse_moment(lapses_on, policy_of(row["brand"]))
    return CodeView(**told, lapsed=lapsed)

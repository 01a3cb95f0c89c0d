"""Licences as their holders and staff read them (ACT-12)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.policy import policy_of
from activation_service.software.domain import Licence, Maintenance, Quote, Side, State, reinstatable_until
from event_schemas.base import Money


class LicenceView(BaseModel):
    """A program's licence on one product; its key is asked for apart."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    licence_id: UUID
    brand: Annotated[str, Field(examples=["d-link"])]
    software: Annotated[str, Field(examples=["NUCLIAS-CONNECT"])]
    software_name: Annotated[str, Field(examples=["Nuclias Connect"])]
    product_id: UUID
    serial: Annotated[str, Field(examples=["S3X1234567"])]
    model: Annotated[str, Field(examples=["DGS-3130-30TS"])]
    customer_id: UUID
    activation_id: UUID
    """The service that maintains it longest."""
    state: Annotated[State, Field(examples=["issued"])]
    """`awaiting_key`: its key comes when the maker has sent new ones; `revoked`: its service was activated in error."""
    maintenance: Annotated[Maintenance, Field(examples=["running"])]
    """While it runs there are upgrades and support."""
    maintained_until: date = Field(examples=["2029-11-21"])
    """Last day, inclusive."""
    reinstatable_until: date | None = Field(examples=["2030-11-21"])
    """Last day, inclusive, on which maintenance can be taken up again for a fee after it has lapsed; null: never."""
    created_at: datetime
    issued_at: datetime | None
    """When it got its key."""


class LineView(BaseModel):
    """One line of a licence's history."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    at: datetime
    what: Annotated[str, Field(examples=["key_shown"])]
    """granted, issued, key_shown, lapsed, continued, reinstated, handed_over or revoked."""
    by: Annotated[Side, Field(examples=["holder"])]


class LicenceDetails(LicenceView):
    """A licence with what has happened to it."""

    history: list[LineView]
    """The last hundred lines, oldest first."""


class QuoteView(BaseModel):
    """What reinstatement costs today: fee + months × fee_per_month = total."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    licence_id: UUID
    lapsed_on: date = Field(examples=["2029-11-22"])
    """First day without maintenance."""
    quoted_on: date = Field(examples=["2030-01-31"])
    """The brand's day, for which it holds."""
    months: Annotated[int, Field(examples=[3])]
    """Months without maintenance; a started one counts as a whole."""
    fee: Money = Field(examples=[{"amount": "60.00", "currency": "EUR"}])
    fee_per_month: Money = Field(examples=[{"amount": "12.50", "currency": "EUR"}])
    total: Money = Field(examples=[{"amount": "97.50", "currency": "EUR"}])
    reinstatable_until: date = Field(examples=["2030-11-21"])
    """Last day, inclusive; the total may be higher by then."""
    maintained_until: date = Field(examples=["2031-01-30"])
    """Last day of the maintenance that it buys, inclusive."""


def licence_view(licence: Licence, today: date) -> LicenceView:
    """A licence on the brand's day."""
    return LicenceView(**_columns(licence, today))


def licence_details(licence: Licence, today: date, history: Iterable[Any]) -> LicenceDetails:
    """A licence on the brand's day, with lines of its history."""
    lines = [LineView(at=line["happened_at"], what=line["what"], by=line["side"]) for line in history]
    return LicenceDetails(**_columns(licence, today), history=lines)


def quote_view(licence: Licence, quoted: Quote) -> QuoteView:
    """A quote for a licence."""
    last = reinstatable_until(quoted.lapsed_on, policy_of(licence.brand).reinstatement)
    assert last is not None  # nothing is quoted where nothing can be reinstated
    return QuoteView(licence_id=licence.licence_id, reinstatable_until=last, **asdict(quoted))


def _columns(licence: Licence, today: date) -> dict[str, Any]:
    kept = {name: getattr(licence, name) for name in LicenceView.model_fields if name in Licence.__slots__}
    last = reinstatable_until(licence.first_day_without, policy_of(licence.brand).reinstatement)
    asked = {"state": licence.state, "maintenance": licence.maintenance(today), "reinstatable_until": last}
    return {**kept, **asked}

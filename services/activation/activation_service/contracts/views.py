"""A contract as its customer, their dealer and staff see it (ACT-09, I05)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from activation_service.contracts import list_store
from activation_service.contracts.domain import Contract, State, renewal_window
from activation_service.policy import policy_of
from chassis.database import Pool, Tx

SHOWN_LINES = 100
SHOWN_EVENTS = 200


class LineView(BaseModel):
    """One service on one product."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    activation_id: UUID = Field(examples=["0199a3c4-7b10-7009-8a5e-4d1f6c2b0009"])
    product_id: UUID = Field(examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    serial: str = Field(examples=["7812345"])
    model: str = Field(examples=["9009-42A"])
    service_reference: str = Field(examples=["SPAC-ONSITE-36"])
    added_on: date = Field(examples=["2026-11-22"])
    removed_on: date | None = Field(examples=[None])
    """Last billable day of a line that goes out before the contract ends, inclusive."""


class EventView(BaseModel):
    """One line of a contract's history."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    what: str = Field(examples=["opened"])
    by: str = Field(examples=["gateway"])
    """In which role; `activation` where the service did it by itself."""
    detail: dict[str, JsonValue] = Field(examples=[{"ends_on": "2029-11-21"}])


class ContractSummary(BaseModel):
    """A contract without its lines."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    contract_id: UUID = Field(examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
    number: str = Field(examples=["IB-2026-000001"])
    brand: str = Field(examples=["ibm"])
    customer_id: UUID = Field(examples=["0199a3c4-7b10-7004-8a5e-4d1f6c2b0004"])
    state: State = Field(examples=["active"])
    """One that was terminated stays `active` until its last billable day is over."""
    opened_on: date = Field(examples=["2026-11-22"])
    starts_on: date = Field(examples=["2026-11-22"])
    """First day of the term that was agreed last; to come when it was renewed ahead."""
    ends_on: date = Field(examples=["2029-11-21"])
    """Last day of that term, inclusive."""
    opened_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    terminated_by: str | None = Field(examples=[None])
    """`customer` or `vendor`; null also where the last line went."""
    termination_reason: str | None = Field(examples=[None])
    noticed_on: date | None = Field(examples=[None])
    last_billable_on: date | None = Field(examples=[None])
    """Last day of a contract that ends before its term, inclusive."""
    renewable_from: date | None = Field(examples=["2029-08-23"])
    """First and last day on which it can be renewed, inclusive; null when it was terminated."""
    renewable_until: date | None = Field(examples=["2029-12-21"])


class ContractView(ContractSummary):
    """A contract with its first lines and its history."""

    lines: list[LineView]
    """Those of now and before, 100 at most; the others under the contract's own `/lines`."""
    line_count: int = Field(examples=[1])
    history: list[EventView]
    """Oldest first, the latest 200."""


def summary(contract: Contract) -> ContractSummary:
    """A contract for a list."""
    return ContractSummary.model_validate(_columns(contract))


async def show(contract: Contract, db: Pool | Tx) -> ContractView:
    """A contract with what there is to tell of it."""
    lines, count = await list_store.first_lines(db, contract.contract_id, SHOWN_LINES)
    history = await list_store.history(db, contract.contract_id, SHOWN_EVENTS)
    told = {"lines": [LineView(**line) for line in lines], "line_count": count}
    return ContractView.model_validate({**_columns(contract), **told, "history": [_event(one) for one in history]})


def _columns(contract: Contract) -> dict[str, Any]:
    open_to_renewal = contract.state != "terminated" and contract.last_billable_on is None
    window = renewal_window(contract.ends_on, policy_of(contract.brand).contracts) if open_to_renewal else (None, None)
    own = {name: getattr(contract, name) for name in ContractSummary.model_fields if not name.startswith("renewable")}
    return {**own, "renewable_from": window[0], "renewable_until": window[1]}


def _event(row: Mapping[str, Any]) -> EventView:
    return EventView(at=row["happened_at"], what=row["what"], by=row["by"], detail=row["detail"])

"""The end of a contract as both parties see it (ACT-11)."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.contracts.domain import Contract, Line, State
from activation_service.terminations.domain import Terms, Why
from event_schemas.activation_contracts import Party


class View(BaseModel):
    """What is read off other things."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class ExitView(View):
    """The earliest end that a notice of one party would lead to."""

    last_billable_on: date | None = Field(examples=["2027-06-22"])
    """Last day that would be charged, inclusive; null: this party may end it for breach only."""
    right_arises_on: date | None = Field(examples=["2027-05-22"])
    """First day on which this party's notice counts: the minimum term is complete then."""
    why: Why = Field(examples=["minimum_term"])
    """`notice`: its months from the day of the notice; `minimum_term`: from the day on which it counts; `term`: it ends
    on that day anyway; `breach_only`: there is no notice; `over`: it has ended by the day of the notice."""


class LineExitView(View):
    """The same for one service alone, which then goes out of the contract."""

    activation_id: UUID = Field(examples=["0199a3c4-7b10-7006-8a5e-4d1f6c2b0006"])
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    added_on: date = Field(examples=["2026-11-22"])
    """From here its minimum term counts."""
    last_day: date = Field(examples=["2029-11-21"])
    """Its last billable day as things stand, inclusive."""
    customer: ExitView
    vendor: ExitView


class TerminationView(View):
    """An end that was decided, of which the day may be to come."""

    by: Literal["customer", "vendor"] | None = Field(examples=["customer"])
    """Null when its last service went."""
    reason: Literal["notice", "breach", "no_lines"] = Field(examples=["notice"])
    noticed_on: date = Field(examples=["2026-11-22"])
    last_billable_on: date = Field(examples=["2027-06-22"])
    """Inclusive; the contract covers to the end of it."""


class ContractExitView(View):
    """When a contract can end, for both parties."""

    contract_id: UUID = Field(examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
    number: str = Field(examples=["DY-2026-000001"])
    state: State = Field(examples=["active"])
    opened_on: date = Field(examples=["2026-11-22"])
    """From here the minimum terms of the whole contract count, also after renewals."""
    ends_on: date = Field(examples=["2029-11-21"])
    """Last day of the term, inclusive."""
    noticed_on: date = Field(examples=["2026-11-22"])
    """The day of the notice that is asked about."""
    termination: TerminationView | None = Field(examples=[None])
    """What was decided already."""
    customer: ExitView
    vendor: ExitView
    lines: list[LineExitView]
    """Of each service that runs, as if it alone were taken out."""


class EndedView(View):
    """A contract whose end is decided."""

    contract_id: UUID = Field(examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
    number: str = Field(examples=["DY-2026-000001"])
    state: State = Field(examples=["active"])
    """`active` to the end of its last day, then `terminated`."""
    termination: TerminationView


class RemovedLineView(View):
    """A service that goes out of a contract."""

    activation_id: UUID = Field(examples=["0199a3c4-7b10-7006-8a5e-4d1f6c2b0006"])
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    last_day: date = Field(examples=["2027-06-22"])
    """Its last billable day, inclusive."""


class RemovalView(View):
    """Services that go out of a contract."""

    contract_id: UUID = Field(examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
    number: str = Field(examples=["DY-2026-000001"])
    removed: list[RemovedLineView]


def exit_view(terms: Terms, noticed_on: date) -> ContractExitView:
    """When a contract can end if notice is given on a day."""
    contract = terms.contract
    customer, vendor = (_of(terms, party, noticed_on) for party in (Party.CUSTOMER, Party.VENDOR))
    return ContractExitView(
        contract_id=contract.contract_id,
        number=contract.number,
        state=contract.state,
        opened_on=contract.opened_on,
        ends_on=contract.ends_on,
        noticed_on=noticed_on,
        termination=termination_view(contract),
        customer=customer,
        vendor=vendor,
        lines=[_line_view(terms, line, noticed_on) for line in terms.lines],
    )


def termination_view(contract: Contract) -> TerminationView | None:
    """What was decided about a contract's end, if anything."""
    if contract.last_billable_on is None:
        return None
    columns = {"by": contract.terminated_by, "reason": contract.termination_reason}
    return TerminationView.model_validate(
        {**columns, "noticed_on": contract.noticed_on, "last_billable_on": contract.last_billable_on}
    )


def removal_view(contract: Contract, removed: Sequence[tuple[Line, date]]) -> RemovalView:
    """Lines that go out, with their last days."""
    views = [
        RemovedLineView(
            activation_id=line.activation_id,
            serial=line.serial,
            model=line.model,
            service_reference=line.service_reference,
            last_day=last_day,
        )
        for line, last_day in removed
    ]
    return RemovalView(contract_id=contract.contract_id, number=contract.number, removed=views)


def _of(terms: Terms, party: Party, noticed_on: date) -> ExitView:
    return ExitView.model_validate(terms.exit(party, noticed_on))


def _line_view(terms: Terms, line: Line, noticed_on: date) -> LineExitView:
    customer, vendor = (
        ExitView.model_validate(terms.exit_of_line(party, line, noticed_on)) for party in (Party.CUSTOMER, Party.VENDOR)
    )
    return LineExitView(
        activation_id=line.activation_id,
        serial=line.serial,
        model=line.model,
        service_reference=line.service_reference,
        added_on=line.added_on,
        last_day=terms.last_day(line),
        customer=customer,
        vendor=vendor,
    )

"""Contracts agreed without certificates, and lines that come in later (ACT-09, ACT-10, I10)."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from activation_service.activations.domain import NewService
from activation_service.activations.handlers import start
from activation_service.contracts import store
from activation_service.contracts.choice import Chosen, Lines, choose
from activation_service.contracts.domain import MOST_LINES, Contract, Line
from activation_service.contracts.founding import blank, open_contract
from activation_service.contracts.handlers import done_by, find, line_for, lines_of, lines_told, lock, note
from activation_service.contracts.views import show
from activation_service.policy import policy_of
from activation_service.software.handlers import issue
from chassis.calendar import last_day
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event

TermMonths = Annotated[int, Field(ge=1, le=120)]


class OpenContract(BaseModel):
    """A contract from today on; its services start at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40)] = Field(examples=["ibm"])
    lines: Lines
    """Products of one customer with the services for each, 500 services at most."""
    months: TermMonths | None = Field(None, examples=[36])
    """How long it runs; as long as the longest of its services when it is left out."""


class AddLines(BaseModel):
    """More services under a contract, until its last day."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    lines: Lines
    """Products of the contract's customer with the services for each."""


async def open_new_contract(command: OpenContract, tx: Tx, by: Caller) -> Accepted | Refusal:
    """Open a contract without a certificate (ACT-09). Raises UnknownBrand."""
    today = policy_of(command.brand).day_of(tx.now)
    chosen = await choose(command.lines, command.brand, by, tx)
    if isinstance(chosen, Refusal):
        return chosen
    months = command.months or max(one.offer.duration_months for one in chosen)
    customer_id = chosen[0].product.customer_id
    assert customer_id is not None  # `choose` refuses products that are nobody's
    owners = {(one.product.owner, one.product.organisation_id) for one in chosen}
    owner, organisation_id = owners.pop() if len(owners) == 1 else ("", None)
    term = today, last_day(today, months)
    like = await blank(command.brand, customer_id, owner, organisation_id, term, tx)
    contract = await open_contract(like, tx)
    lines, started = await begin(contract, chosen, tx)
    await note(contract.contract_id, "opened", done_by(by), lines_told(lines), tx)
    return Accepted(await show(contract, tx), [*started, contract.opened(lines)])


async def add_lines(command: AddLines, tx: Tx, contract_id: UUID, by: Caller) -> Accepted | Refusal:
    """Take more services into a contract; they end with it (ACT-10)."""
    found = await find(contract_id, by, tx)
    if found is None:
        return Refusal("not-found", 404)
    chosen = await choose(command.lines, found.brand, by, tx)
    if isinstance(chosen, Refusal):
        return chosen
    contract = await lock(contract_id, by, tx)
    if contract is None:
        return Refusal("not-found", 404)
    if refused := await _refused(contract, chosen, tx):
        return refused
    lines, started = await begin(contract, chosen, tx)
    await note(contract_id, "lines_added", done_by(by), lines_told(lines), tx)
    return Accepted(await show(contract, tx), [*started, contract.changed(added=lines)], 200)


async def _refused(contract: Contract, chosen: Sequence[Chosen], tx: Tx) -> Refusal | None:
    if not contract.runs(policy_of(contract.brand).day_of(tx.now)):
        return Refusal("contract-not-running", 409, details={"last_day": contract.last_day})
    if chosen[0].product.customer_id != contract.customer_id:
        return Refusal("contract-other-customer", 422, "/lines/0", chosen[0].product.serial)
    live = sum(line.removed_on is None for line in await lines_of(contract.contract_id, tx))
    if live + len(chosen) > MOST_LINES:
        return Refusal("contract-too-many-lines", 422, "/lines", live + len(chosen), MOST_LINES)
    return None


async def begin(contract: Contract, chosen: Sequence[Chosen], tx: Tx) -> tuple[list[Line], list[Event]]:
    """Start services under a locked contract, to its last day, by the terms in force; their lines and their facts."""
    lines: list[Line] = []
    said: list[Event] = []
    for one in chosen:
        new = NewService(
            brand=contract.brand,
            product=one.product,
            offer=one.offer,
            redemption_id=uuid7(),  # no unit of a certificate: an id that stands for the entitlement
            customer_id=contract.customer_id,
            terms_version=one.offer.terms_version,
            contract=contract.ref,
            ends_on=contract.ends_on,
            agreed=True,
        )
        activated = await start(new, tx)
        lines.append(line_for(contract.contract_id, activated))
        said += [activated, *await issue(activated, one.offer, one.product, tx)]
    await store.add_lines(tx, lines)
    return lines, said

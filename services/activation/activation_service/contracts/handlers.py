"""Lines come into contracts and go out of them; what other rooms ask of contracts (ACT-09, REG-17).

Locks are taken in one order: the products (`activations.handlers.hold_product`), then contracts, then timers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from activation_service.activations.domain import ContractRef
from activation_service.activations.handlers import put_under
from activation_service.contracts import deadlines, store
from activation_service.contracts.domain import ITSELF, Contract, Line
from activation_service.contracts.founding import blank, join_or_open
from activation_service.policy import policy_of
from activation_service.products.domain import Product
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from event_schemas import Event
from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import ContractChanged, ContractOpened, ContractTerminated

EVERYBODY = Whose(None, None, None, None)


async def find(contract_id: UUID, caller: Caller | None, db: Pool | Tx) -> Contract | None:
    """A contract that the caller may see, None for ourselves: an unknown and another's are alike (REG-06)."""
    return await store.find(db, contract_id, Whose.seen_by(caller) if caller else EVERYBODY)


async def lock(contract_id: UUID, caller: Caller | None, tx: Tx) -> Contract | None:
    """As `find`, held until the transaction ends; the products of its lines are held before."""
    return await store.lock(tx, contract_id, Whose.seen_by(caller) if caller else EVERYBODY)


async def lines_of(contract_id: UUID, db: Pool | Tx) -> list[Line]:
    """Every line that a contract has had, in the order in which they came; those with `removed_on` went out."""
    return await store.lines_of(db, contract_id)


async def note(contract_id: UUID, what: str, by: str, detail: Mapping[str, Any], tx: Tx) -> None:
    """A line in a contract's history: one word for what, `done_by(caller)` or ITSELF, and what there is to tell."""
    await store.note(tx, contract_id, what, by, detail)


def done_by(caller: Caller) -> str:
    """Who did something, as the history tells it: in which role, and no name."""
    return caller.role or "caller"


async def settle(contract: Contract, tx: Tx) -> None:
    """Write what became of a locked contract and set its timers by it: reminders only while it runs to its end."""
    await store.put(tx, contract)
    await deadlines.arm(contract, tx)


async def contract_for(
    brand: str, certificate_id: UUID, product: Product, customer_id: UUID, starts_on: date, ends_on: date, tx: Tx
) -> ContractRef:
    """The contract that the units share which a customer activates of one certificate on one day (ACT-09).

    One that is opened here gets its first line by `take_in` in the same transaction. Raises UnknownBrand.
    """
    await store.hold(tx, certificate_id, customer_id)
    like = await blank(brand, customer_id, product.owner, product.organisation_id, (starts_on, ends_on), tx)
    return await join_or_open(replace(like, certificate_id=certificate_id), tx)


def line_for(contract_id: UUID, activated: ServiceActivated) -> Line:
    """The line of a service that starts under a contract."""
    return Line(
        activation_id=activated.activation_id,
        contract_id=contract_id,
        product_id=activated.product_id,
        serial=activated.serial,
        model=activated.model or "",
        service_reference=activated.service_reference,
        added_on=policy_of(activated.brand).day_of(activated.activated_at),
    )


async def take_in(ref: ContractRef, activated: ServiceActivated, tx: Tx) -> ContractOpened | ContractChanged:
    """A service that has started is a line of the contract that `contract_for` gave (ACT-09)."""
    return await _take_in(ref, line_for(ref.contract_id, activated), tx)


async def _take_in(ref: ContractRef, line: Line, tx: Tx) -> ContractOpened | ContractChanged:
    contract = await store.lock(tx, ref.contract_id, EVERYBODY)
    assert contract is not None  # it was found or opened in this transaction
    first = not await store.has_lines(tx, ref.contract_id)
    await store.add_lines(tx, [line])
    await note(ref.contract_id, "opened" if first else "lines_added", ITSELF, lines_told([line]), tx)
    return contract.opened([line]) if first else contract.changed(added=[line])


async def take_out(activation_id: UUID, last_day: date | None, tx: Tx) -> ContractChanged | ContractTerminated | None:
    """A service ends early, on this day inclusive, or was cancelled (None): its line goes out of its contract.

    With its last line the contract ends too. None when no contract has it, or when that was said before.
    """
    line = await store.line_of(tx, activation_id)
    contract = await store.lock(tx, line.contract_id, EVERYBODY) if line else None
    line = await store.line_of(tx, activation_id)  # as it stands now that the contract is held
    if line is None or contract is None:
        return None
    return await take_lines_out(contract, [(line, last_day)], ITSELF, tx)


async def take_lines_out(
    contract: Contract, lines: Sequence[tuple[Line, date | None]], by: str, tx: Tx
) -> ContractChanged | ContractTerminated | None:
    """Lines of a locked contract go out, each after its last day, or as cancelled (None); as `take_out` otherwise."""
    today = policy_of(contract.brand).day_of(tx.now)
    for line, last_day in lines:
        removed_on = max(line.added_on, min(last_day or today, contract.last_day, line.removed_on or date.max))
        await store.remove_line(tx, line, removed_on, cancelled=last_day is None)
    out = [line for line, _ in lines if line.removed_on is None]
    if contract.state == "terminated":
        return None
    if out:
        await note(contract.contract_id, "lines_removed", by, lines_told(out), tx)
    had = await store.lines_of(tx, contract.contract_id)
    if (contract.runs(today) or contract.ends_without_lines) and all(line.removed_on for line in had):
        return await _end_without_lines(contract, had, today, tx)
    return contract.changed(removed=out) if out else None


async def _end_without_lines(contract: Contract, had: Sequence[Line], today: date, tx: Tx) -> ContractTerminated | None:
    last_day = max((line.removed_on for line in had if line.removed_on and not line.cancelled), default=today)
    last_day = min(last_day, contract.last_day)
    if last_day == contract.last_billable_on:
        return None
    over = last_day < today or all(line.cancelled for line in had)
    ended = replace(
        contract,
        state="terminated" if over else "active",
        termination_reason="no_lines",
        noticed_on=today,
        last_billable_on=last_day,
    )
    await settle(ended, tx)
    await note(contract.contract_id, "terminated", ITSELF, {"reason": "no_lines", "last_billable_on": last_day}, tx)
    return ended.terminated()


async def hand_over(activation_id: UUID, product: Product, tx: Tx) -> list[Event]:
    """A service follows its product to another customer: out of the former's contract, into one of the new one's.

    That has the last day that the line had and counts from the day after today, which is the former customer's last;
    never from one after its end. What one contract hands over to one customer on a day stays together (REG-17). The
    service is live: one that ends early stays the former customer's.
    """
    before = await store.line_of(tx, activation_id)
    contract = await store.lock(tx, before.contract_id, EVERYBODY) if before else None
    line = await store.line_of(tx, activation_id)
    if line is None or contract is None or product.customer_id is None:
        return []
    today = policy_of(contract.brand).day_of(tx.now)
    until = min(contract.last_day, line.removed_on or contract.last_day)
    # a line that has not begun yet, because it was handed over today already, is charged to nobody until it does
    first = min(today + timedelta(days=1), until) if line.added_on <= today else line.added_on
    out = await take_lines_out(contract, [(line, today if line.added_on <= today else None)], ITSELF, tx)
    if contract.state != "active" or until < today:
        return [out] if out else []
    await store.hold(tx, contract.contract_id, product.customer_id)
    like = await blank(contract.brand, product.customer_id, product.owner, product.organisation_id, (first, until), tx)
    ref = await join_or_open(replace(like, follows_contract_id=contract.contract_id), tx)
    await put_under(activation_id, ref, tx)
    moved = replace(line, contract_id=ref.contract_id, added_on=first, removed_on=None)
    return [*([out] if out else []), await _take_in(ref, moved, tx)]


async def adopt(product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None, tx: Tx) -> None:
    """A customer's contracts for a product whose owner was not known are this owner's files (REG-06)."""
    await store.adopt(tx, product_id, customer_id, owner, organisation_id)


def lines_told(lines: Sequence[Line]) -> dict[str, Any]:
    """Lines as the history tells them."""
    return {"lines": [{"serial": line.serial, "service_reference": line.service_reference} for line in lines]}

"""Contracts get another term, before or after the end of the last one by the brand's policy (ACT-10, I09)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations.handlers import extend, running_on, services
from activation_service.contracts import store
from activation_service.contracts.choice import Chosen, covered
from activation_service.contracts.domain import Contract, Line, Term, next_term, reminded, renewal_window
from activation_service.contracts.handlers import done_by, lines_of, note, settle
from activation_service.contracts.holding import hold
from activation_service.contracts.opening import TermMonths, begin
from activation_service.contracts.views import show
from activation_service.offers.handlers import all_listed
from activation_service.policy import policy_of
from activation_service.products.handlers import products_of
from activation_service.software.handlers import maintained_until
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event


class RenewContract(BaseModel):
    """Another term for all that a contract covers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    months: TermMonths | None = Field(None, examples=[12])
    """How long the new term is; as long as the longest of its services when it is left out."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What goes on, and lines of products that are somebody else's by now, which do not."""

    lines: Sequence[tuple[Line, Chosen]]
    lost: Sequence[Line]


async def renew_contract(command: RenewContract, tx: Tx, contract_id: UUID, by: Caller) -> Accepted | Refusal:
    """Renew a contract while its window is open; its services go on, or start anew when that is the brand's rule."""
    contract = await hold(contract_id, by, tx)
    if contract is None:
        return Refusal("not-found", 404)
    if closed := _closed(contract, policy_of(contract.brand).day_of(tx.now)):
        return closed
    kept = await _kept(contract, tx)
    if isinstance(kept, Refusal):
        return kept
    months = command.months or max(one.offer.duration_months for _, one in kept.lines)
    policy = policy_of(contract.brand)
    term = next_term(contract.ends_on, months, policy.day_of(tx.now), policy.contracts)
    if term.ends_on < policy.day_of(tx.now):
        return Refusal("renewal-over-already", 422, "/months", months, details={"ends_on": term.ends_on})
    return await _renew(contract, kept, term, by, tx)


def _closed(contract: Contract, today: date) -> Refusal | None:
    if contract.state == "terminated" or contract.last_billable_on is not None:
        return Refusal("contract-terminated", 409, details={"last_billable_on": contract.last_billable_on})
    first, last = renewal_window(contract.ends_on, policy_of(contract.brand).contracts)
    days = {"ends_on": contract.ends_on, "first": first, "last": last}
    if today < first:
        return Refusal("renewal-too-early", 409, details=days)
    return Refusal("renewal-too-late", 409, details=days) if today > last else None


async def _kept(contract: Contract, tx: Tx) -> _Kept | Refusal:
    catalogue = {one.offer.reference: one for one in await all_listed(contract.brand, tx)}
    kept: list[tuple[Line, Chosen]] = []
    lost: list[Line] = []
    lines = await _live(contract.contract_id, tx)
    product_ids = sorted({line.product_id for line in lines})
    products, running = await products_of(product_ids, tx), await running_on(product_ids, tx)
    known = await services([line.activation_id for line in lines], tx)
    for line in lines:
        product, own = products.get(line.product_id), known[line.activation_id]
        if product is None or not product.customer_id == own.customer_id == contract.customer_id:
            lost.append(line)
            continue
        listed = catalogue.get(line.service_reference)
        if listed is None or not listed.on_sale:
            details = {"serial": line.serial}
            return Refusal("renewal-not-on-sale", 409, "/lines", line.service_reference, details=details)
        other = running.get((line.product_id, line.service_reference))
        if other != own and (refused := covered(product, line.service_reference, "/lines", other)):
            return refused
        kept.append((line, Chosen(product, listed.offer, "/lines")))
    return _Kept(kept, lost) if kept else Refusal("contract-empty", 409)


async def _renew(contract: Contract, kept: _Kept, term: Term, by: Caller, tx: Tx) -> Accepted:
    policy = policy_of(contract.brand)
    renewed = replace(
        contract,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        state="active",
        reminded_days=reminded(term.ends_on, policy.contracts, tx.now, policy.time_zone),
    )
    await settle(renewed, tx)
    detail = {"previous_ends_on": contract.ends_on, "starts_on": term.starts_on, "ends_on": term.ends_on}
    await note(contract.contract_id, "renewed", done_by(by), detail, tx)
    said: list[Event] = [renewed.renewed(contract.ends_on, seamless=term.seamless)]
    gone = [*kept.lost, *([] if term.seamless else [line for line, _ in kept.lines])]
    for line in gone:
        await store.remove_line(tx, line, max(line.added_on, contract.ends_on), cancelled=False)
    into: list[Line] = []
    if term.seamless:
        said += await _go_on([line for line, _ in kept.lines], term.ends_on, tx)
    else:
        into, started = await begin(renewed, [one for _, one in kept.lines], tx)
        said += started
    if gone or into:
        said.append(renewed.changed(added=into, removed=gone))
    return Accepted(await show(renewed, tx), said, 200)


async def _go_on(lines: Sequence[Line], ends_on: date, tx: Tx) -> list[Event]:
    said: list[Event] = []
    for line in lines:
        extended = await extend(line.activation_id, ends_on, tx)
        said += [*([extended] if extended else []), *await maintained_until(line.activation_id, ends_on, tx)]
    return said


async def _live(contract_id: UUID, tx: Tx) -> list[Line]:
    return [line for line in await lines_of(contract_id, tx) if line.removed_on is None]

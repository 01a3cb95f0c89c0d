"""A customer takes services out of a contract that goes on with others, each with its own notice (ACT-10)."""

from datetime import date
from uuid import UUID

from activation_service.contracts import handlers as contracts
from activation_service.contracts.domain import Line
from activation_service.contracts.holding import hold
from activation_service.policy import policy_of
from activation_service.terminations.allowed import last_day_of_line, over, unfit
from activation_service.terminations.commands import RemoveLines
from activation_service.terminations.domain import Terms
from activation_service.terminations.exits import terms_of
from activation_service.terminations.services import end_service
from activation_service.terminations.views import removal_view
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.activation import EndReason, ServiceEnded
from event_schemas.activation_contracts import ContractChanged

Going = list[tuple[Line, date]]


async def remove_lines(command: RemoveLines, tx: Tx, contract_id: UUID, by: Caller) -> Accepted | Refusal:
    """Some services end, each on its own day; all of them, or none when one of them cannot."""
    contract = unfit(command) or await hold(contract_id, by, tx) or Refusal("not-found", 404)
    if isinstance(contract, Refusal):
        return contract
    today = policy_of(contract.brand).day_of(tx.now)
    terms = await terms_of(contract, today, tx)
    going = over(contract, today) or _going(command, terms, today)
    if isinstance(going, Refusal):
        return going
    facts: list[Event] = []
    ends: Going = []
    for line, last_day in going:
        ends_on, said = await end_service(line, last_day, EndReason.REMOVAL, tx)
        ends.append((line, ends_on))
        facts += said
    changed = await contracts.take_lines_out(contract, ends, contracts.done_by(by), tx)
    if isinstance(changed, ContractChanged) and len(changed.removed) > 1:
        changed, facts = _told_at_once(changed, ends, facts)
    if command.note:
        await contracts.note(contract_id, "removal_explained", contracts.done_by(by), {"note": command.note}, tx)
    return Accepted(removal_view(contract, ends), [*([changed] if changed else []), *facts], status=200)


def _told_at_once(changed: ContractChanged, ends: Going, facts: list[Event]) -> tuple[ContractChanged, list[Event]]:
    """Of several services the customer hears once, by the contract, until when the last of them goes on (NTF-01)."""
    said = [one.model_copy(update={"together": True}) if isinstance(one, ServiceEnded) else one for one in facts]
    return changed.model_copy(update={"removed_until": max(last_day for _, last_day in ends)}), said


def _going(command: RemoveLines, terms: Terms, today: date) -> Going | Refusal:
    known = {line.activation_id: line for line in terms.lines}
    going: dict[UUID, tuple[Line, date]] = {}
    for place, activation_id in enumerate(command.lines):
        pointer = f"/lines/{place}"
        line = known.get(activation_id)
        if line is None:
            return Refusal("line-unknown", 422, pointer, activation_id)
        last_day = last_day_of_line(command, terms, line, today, pointer)
        if isinstance(last_day, Refusal):
            return last_day
        going[activation_id] = line, last_day
    if not any(line.activation_id not in going for line in terms.staying):
        return Refusal("contract-would-be-empty", 409, "/lines", details={"lines": len(terms.staying)})
    return list(going.values())

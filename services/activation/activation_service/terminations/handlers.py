"""A contract ends before its term, by notice or for breach (ACT-11, I20…I22)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from activation_service.contracts import handlers as contracts
from activation_service.contracts.domain import Contract
from activation_service.contracts.holding import hold
from activation_service.policy import policy_of
from activation_service.terminations.allowed import last_day_of_contract, over, unfit
from activation_service.terminations.commands import EndContract
from activation_service.terminations.domain import Terms
from activation_service.terminations.exits import terms_of
from activation_service.terminations.services import end_service
from activation_service.terminations.views import EndedView, termination_view
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.activation import EndReason
from event_schemas.activation_contracts import Party


async def end_contract(command: EndContract, tx: Tx, contract_id: UUID, party: Party, by: Caller) -> Accepted | Refusal:
    """A party ends the contract on a day that is said now, to all whom it concerns; it cannot be taken back.

    It stays active to the end of that day; `contracts.deadlines` makes it `terminated` then.
    """
    found = unfit(command) or await hold(contract_id, by, tx) or Refusal("not-found", 404)
    if isinstance(found, Refusal):
        return found
    today = policy_of(found.brand).day_of(tx.now)
    terms = await terms_of(found, today, tx)
    last_day = over(found, today) or last_day_of_contract(command, party, terms, today)
    if isinstance(last_day, Refusal):
        return last_day
    ended = replace(
        found,
        terminated_by=party.value,
        termination_reason=command.reason,
        noticed_on=today,
        last_billable_on=last_day,
    )
    await contracts.settle(ended, tx)
    detail = {"by": party, "reason": command.reason, "note": command.note, "last_billable_on": last_day}
    await contracts.note(contract_id, "terminated", contracts.done_by(by), detail, tx)
    services = await _end_services(terms, last_day, tx)
    view = EndedView.model_validate({**_named(ended), "termination": termination_view(ended)})
    return Accepted(view, [ended.terminated(), *services], status=200)


async def _end_services(terms: Terms, last_day: date, tx: Tx) -> list[Event]:
    going = [line for line in terms.lines if terms.last_day(line) > last_day]
    ended = [await end_service(line, last_day, EndReason.TERMINATION, tx) for line in going]
    return [fact for _, facts in ended for fact in facts]


def _named(contract: Contract) -> dict[str, object]:
    return {"contract_id": contract.contract_id, "number": contract.number, "state": contract.state}

"""Whether an end may be, and on which day (ACT-11)."""

from datetime import date

from activation_service.contracts.domain import Contract, Line
from activation_service.terminations.commands import EndContract, Ending
from activation_service.terminations.domain import Exit, Terms
from chassis.transact import Refusal
from event_schemas.activation_contracts import Party


def unfit(command: Ending) -> Refusal | None:
    """What is wrong whatever the contract: a breach that nobody describes."""
    if command.reason == "breach" and command.note is None:
        return Refusal("breach-unexplained", 422, "/note")
    return None


def over(contract: Contract, today: date) -> Refusal | None:
    """A contract that has ended cannot be ended."""
    if contract.state == "active" and today <= contract.last_day:
        return None
    return Refusal("contract-over", 409, details={"last_day": contract.last_day})


def last_day_of_contract(command: EndContract, party: Party, terms: Terms, today: date) -> date | Refusal:
    """The last billable day of the contract when a party ends it so today, inclusive.

    One that ends already is ended again only on an earlier day, and only by the other party or for a breach.
    """
    contract = terms.contract
    standing = contract.last_billable_on
    if standing is not None and command.reason == "notice" and party == contract.terminated_by:
        return _stands(contract)
    last_day = _chosen(command, terms.exit(party, today), today, contract.last_day)
    return _stands(contract) if last_day == standing else last_day


def last_day_of_line(command: Ending, terms: Terms, line: Line, today: date, pointer: str) -> date | Refusal:
    """The last billable day of one line when the customer takes it out so today; `pointer` is the line's place.

    One that is going already is taken out again only for a breach, and on an earlier day.
    """
    until = terms.last_day(line)
    last_day = _chosen(command, terms.exit_of_line(Party.CUSTOMER, line, today), today, until)
    if isinstance(last_day, Refusal):
        return last_day
    if line.removed_on is not None and not (command.reason == "breach" and last_day < until):
        return Refusal("line-going", 409, pointer, line.activation_id, details={"last_day": until})
    if terms.contract.last_billable_on is not None and last_day == until:
        return _stands(terms.contract)
    return last_day


def _chosen(command: Ending, told: Exit, today: date, until: date) -> date | Refusal:
    earliest = today if command.reason == "breach" else told.last_billable_on
    if earliest is None:
        return Refusal("notice-impossible", 409, "/reason", command.reason, "breach")
    asked = command.last_day or earliest
    if earliest <= asked <= until:
        return asked
    days = {"earliest": earliest, "latest": until}
    return Refusal("last-day-impossible", 422, "/last_day", asked, [earliest, until], days)


def _stands(contract: Contract) -> Refusal:
    details = {
        "by": contract.terminated_by,
        "reason": contract.termination_reason,
        "noticed_on": contract.noticed_on,
        "last_day": contract.last_billable_on,
    }
    return Refusal("termination-stands", 409, details=details)

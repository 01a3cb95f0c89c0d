"""What a copy says is read at one moment (ACT-09, I05)."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from activation_service.activations.domain import Activation
from activation_service.activations.handlers import services
from activation_service.contracts.domain import Contract, Line, State
from activation_service.contracts.handlers import find
from activation_service.copies.domain import Copy, CoveredLine, Rule
from activation_service.copies.store import hold_still
from activation_service.policy import Notice, Offer, policy_of
from activation_service.terminations.domain import PARTIES, Terms, notice_of
from activation_service.terminations.exits import terms_of
from chassis.caller import Caller
from chassis.database import Cause, Database, Tx
from event_schemas.activation_contracts import Party


async def copy_of(contract_id: UUID, by: Caller, language: str, database: Database) -> Copy | None:
    """A contract as it stands, for a reader of `en`, `fr` or `nl`; None for one that the caller may not see.

    It lists what is covered on the brand's day or later; of a contract that is over, what it covered on its last day.
    """
    async with database.transaction(Cause("")) as tx:
        await hold_still(tx)
        contract = await find(contract_id, by, tx)
        return await _copied(contract, language, tx) if contract else None


async def _copied(contract: Contract, language: str, tx: Tx) -> Copy:
    policy = policy_of(contract.brand)
    today = policy.day_of(tx.now)
    terms = await terms_of(contract, min(today, contract.last_day), tx)
    found = await services([line.activation_id for line in terms.lines], tx)
    return Copy(
        brand=policy.display_name,
        email=policy.contact_email,
        number=contract.number,
        customer_id=contract.customer_id,
        opened_on=contract.opened_on,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        state=_state(contract, today),
        last_day=contract.last_day,
        printed_at=tx.now,
        zone=policy.time_zone,
        ended=_ended(contract),
        lines=[_covered(terms, line, found[line.activation_id], language) for line in terms.lines],
        additional=list(_additional(terms, language)),
        rules=[rule for party in PARTIES for rule in _rules(party, terms, language)],
        exits=[(party, terms.exit(party, today)) for party in PARTIES],
    )


def _state(contract: Contract, today: date) -> State:
    overdue = contract.state == "active" and contract.last_day < today  # its timer has not gone off yet
    return "expired" if overdue else contract.state


def _ended(contract: Contract) -> tuple[str, str, date] | None:
    if contract.noticed_on is None or contract.termination_reason is None:
        return None
    return contract.terminated_by or "", contract.termination_reason, contract.noticed_on


def _covered(terms: Terms, line: Line, found: Activation, language: str) -> CoveredLine:
    offer = terms.offers.get(line.service_reference)
    return CoveredLine(
        serial=line.serial,
        model=line.model,
        service=offer.name.speak(language) if offer else found.service_name,
        level=found.response_level,
        site_number=found.site_number or "",
        terms_version=found.terms_version or "",
        first_day=max(line.added_on, found.starts_on),
        last_day=min(terms.last_day(line), found.last_day),
    )


def _offers(terms: Terms) -> Iterator[Offer]:
    return (offer for _, offer in sorted(terms.offers.items()) if offer)


def _additional(terms: Terms, language: str) -> Iterator[tuple[str, str]]:
    for offer in _offers(terms):
        if offer.additional_terms:
            yield offer.name.speak(language), offer.additional_terms.speak(language)


def _own(party: Party, offer: Offer | None) -> Notice | None:
    if offer is None:
        return None
    return offer.customer_notice if party is Party.CUSTOMER else offer.vendor_notice


def _rules(party: Party, terms: Terms, language: str) -> Iterator[Rule]:
    if not terms.offers or any(_own(party, offer) is None for offer in terms.offers.values()):
        yield Rule(party, notice_of(party, None, terms.rules))
    for offer in _offers(terms):
        if own := _own(party, offer):
            yield Rule(party, own, offer.name.speak(language))

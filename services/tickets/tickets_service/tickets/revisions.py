"""Facts about units that come after a ticket was opened: the read model learns them, open repairs are judged anew.

A service that was bought before and registered late covers the open repair (TKT-09, D05); one that is taken back does
not. A revision is said once: when the finding promises something else than the one that holds.
"""

from chassis.database import Tx
from event_schemas.activation_contracts import DisputeDecided
from event_schemas.tickets import CoverageReason, CoverageRevised
from tickets_service.coverage.domain import ModelUnclear, decide
from tickets_service.coverage.handlers import Fact, find_unit, hold_unit, note_fact
from tickets_service.policy import policy_of
from tickets_service.tickets import facts, store
from tickets_service.tickets.domain import Actor, CoveredTicket, Entry


async def revise_coverage(fact: Fact, tx: Tx) -> list[CoverageRevised]:
    """Learn a fact and revise the unit's open repairs; an unknown brand raises UnknownBrand."""
    policy_of(fact.brand)
    await hold_unit(fact.brand, fact.serial, tx)
    await note_fact(fact, tx)
    disputed = fact.ticket_id if isinstance(fact, DisputeDecided) else None
    repairs = await store.lock_repairs(tx, fact.brand, fact.serial, also=disputed)
    revised = [await _revise(repair, tx) for repair in repairs]
    return [said for said in revised if said]


async def _revise(repair: CoveredTicket, tx: Tx) -> CoverageRevised | None:
    ticket, policy = repair.ticket, policy_of(repair.ticket.brand)
    unit = await find_unit(ticket.brand, ticket.serial, ticket.model, tx)
    if isinstance(unit, ModelUnclear):  # which of two units it is was never said; the verdict that was given stays
        return None
    finding = decide(unit, policy.day_of(ticket.opened_at), tx.now, policy.version, ticket.ticket_id)
    if finding.promises_the_same_as(repair.finding):
        return None
    if ticket.is_finished and CoverageReason.DISPUTE_DECIDED not in finding.reasons:
        return None  # what else was heard since it ended changes nothing about it
    await store.set_finding(tx, ticket.ticket_id, finding)
    await store.add_entry(tx, ticket.ticket_id, Entry(tx.now, "coverage_revised", Actor.AFTERCARE, finding.verdict))
    return facts.coverage_revised(ticket, finding, repair.finding.verdict)

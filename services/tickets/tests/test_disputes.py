"""Renewed, mistaken and disputed services: the later day counts, mistakes do not, acknowledged cover does."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from event_schemas.activation import ActivationCancelled, ServiceExtended
from event_schemas.activation_contracts import DisputeDecided
from event_schemas.service_centre import RepairReported

from .test_transfers import DAY, TODAY, ended, ticket_of, verdict

LATER = date(2032, 11, 21)


def extended(story, to=LATER):
    shared = story.activated().model_dump(include=set(ServiceExtended.model_fields) - {"ends_on"})
    return ServiceExtended.model_validate({**shared, "previous_ends_on": story.ends_on, "ends_on": to})


def mistaken(story):
    return ActivationCancelled.model_validate(
        story.activated().model_dump(include=set(ActivationCancelled.model_fields))
    )


def decided(story, decision="covered", **more):
    unit = {"brand": story.brand, "serial": story.serial, "model": story.model, "product_id": story.product_id}
    days = {"covered_from": TODAY, "covered_until": TODAY + 9 * DAY} if decision == "covered" else {}
    whose = {"dispute_id": uuid7(), "customer_id": story.customer_id, "decision": decision}
    return DisputeDecided.model_validate({**unit, **whose, **days, **more})


def uncovered(another, **more):
    return another(warranty_ends_on=TODAY - DAY, **more)


async def finding(room, ticket_id):
    view = (await room.get(f"/tickets/{ticket_id}")).json()["coverage"]
    return view["verdict"], view["covered_until"], view["reasons"]


@pytest.mark.requirement("ACT-10", "TKT-09", "ALL-02")
async def test_a_renewed_service_covers_to_its_later_day_in_whichever_order_its_facts_come(room, another):
    seen = set()
    for order in permutations(range(4)):
        story = uncovered(another)
        facts = (story.registered(), story.activated(), story.operational(), extended(story))
        for place in (*order, *reversed(order)):
            await room.hear(facts[place])
        seen.add(await verdict(room, story))
    assert seen == {("contract", LATER.isoformat())}


@pytest.mark.requirement("ACT-10", "TKT-09", "ALL-02")
async def test_of_two_renewals_the_later_day_counts_and_of_two_ends_the_earlier_one(room, another):
    seen = set()
    for order in permutations(range(4)):
        story = uncovered(another)
        last = TODAY + 20 * DAY
        facts = (extended(story), extended(story, LATER + 365 * DAY), ended(story, last), ended(story, last + DAY))
        await room.hear(story.activated())
        await room.hear(story.operational())
        for place in order:
            await room.hear(facts[place])
        seen.add(await verdict(room, story))
    assert seen == {("contract", last.isoformat())}


@pytest.mark.requirement("ACT-14", "TKT-09", "ALL-02")
async def test_a_service_activated_in_error_covers_nothing_in_whichever_order_that_is_heard(room, another):
    for order in permutations(range(3)):
        story = uncovered(another)
        await room.hear(story.registered())
        ticket_id = await ticket_of(room, story)
        facts = (story.activated(), story.operational(), mistaken(story))
        for place in order:
            await room.hear(facts[place])
        assert (await finding(room, ticket_id))[0] == "billable", order


@pytest.mark.requirement("ACT-13", "TKT-09")
async def test_the_repair_that_a_dispute_names_is_covered_with_the_decision_as_reason_and_no_other(room, another):
    story = uncovered(another)
    await room.hear(story.registered())
    named, other = await ticket_of(room, story), await ticket_of(room, story)
    fact = decided(story, ticket_id=named, activation_id=story.activation_id)
    heard = await room.hear(fact)
    await room.hear(fact, heard)
    (revised,) = await room.said()
    assert (str(revised.ticket_id), revised.previous_verdict, revised.verdict) == (named, "billable", "contract")
    assert (revised.reasons, revised.activation_id) == (("dispute_decided",), story.activation_id)
    assert revised.covered_until == TODAY + 9 * DAY
    assert (await finding(room, other))[0] == "billable"


@pytest.mark.requirement("ACT-13", "TKT-09")
async def test_without_a_named_repair_those_asked_for_on_the_days_of_the_decision_are_covered(room, another):
    story = uncovered(another)
    await room.hear(story.registered())
    early = await ticket_of(room, story)
    room.clock.advance(DAY)
    inside = await ticket_of(room, story)
    await room.hear(decided(story, covered_from=TODAY + DAY, covered_until=TODAY + 2 * DAY))
    last = (TODAY + 2 * DAY).isoformat()
    assert (await finding(room, early))[0] == "billable"
    assert await finding(room, inside) == ("standard_warranty", last, ["dispute_decided"])
    room.clock.advance(DAY)
    assert (await finding(room, await ticket_of(room, story)))[0] == "standard_warranty"
    assert await verdict(room, story) == ("standard_warranty", last)
    room.clock.advance(DAY)
    assert (await finding(room, await ticket_of(room, story)))[0] == "billable"


@pytest.mark.requirement("ACT-13", "TKT-09")
@pytest.mark.parametrize("decision", ["not_covered", "withdrawn"])
async def test_a_dispute_that_was_lost_or_withdrawn_changes_no_repair(room, another, decision):
    story = uncovered(another)
    await room.hear(story.registered())
    ticket_id = await ticket_of(room, story)
    await room.hear(decided(story, decision, ticket_id=ticket_id))
    assert await room.said() == []
    assert (await finding(room, ticket_id))[0] == "billable"


@pytest.mark.requirement("ACT-13", "TKT-09")
async def test_a_decision_takes_nothing_away_from_a_service_that_runs(room, another):
    story = uncovered(another)
    for fact in (story.registered(), story.activated(), story.operational()):
        await room.hear(fact)
    ticket_id = await ticket_of(room, story)
    await room.hear(decided(story, ticket_id=ticket_id))
    assert await room.said() == []
    assert await finding(room, ticket_id) == ("contract", story.ends_on.isoformat(), ["service_operational"])


@pytest.mark.requirement("ACT-13", "TKT-09")
async def test_a_finished_repair_that_a_dispute_names_is_covered_too_and_only_by_the_decision(room, another):
    story = uncovered(another)
    await room.hear(story.registered())
    won, lost = await ticket_of(room, story), await ticket_of(room, story)
    for ticket_id in (won, lost):
        told = {"brand": story.brand, "ticket_id": ticket_id, "serial": story.serial, "outcome": "repaired"}
        await room.hear(RepairReported.model_validate({**told, "reported_at": room.clock.now()}))
    await room.hear(story.activated())
    await room.said()
    await room.hear(decided(story, "not_covered", ticket_id=lost))
    assert await room.said() == []
    await room.hear(decided(story, ticket_id=won))
    assert [str(fact.ticket_id) for fact in await room.said()] == [won]
    assert [(await finding(room, one))[0] for one in (won, lost)] == ["standard_warranty", "billable"]


@pytest.mark.requirement("ACT-13", "REG-13", "TKT-09")
async def test_a_decision_about_one_model_does_not_cover_its_twin_with_the_same_serial(room, another):
    story = uncovered(another)
    twin = uncovered(another, serial=story.serial, model="ZZ-1")
    await room.hear(story.registered())
    await room.hear(twin.registered())
    tickets = [await ticket_of(room, one, model=one.model) for one in (story, twin)]
    await room.hear(decided(story))
    assert [(await finding(room, one))[0] for one in tickets] == ["standard_warranty", "billable"]


@pytest.mark.requirement("ACT-10", "ACT-13", "ACT-14", "TKT-09", "ALL-02")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(7)), st.lists(st.integers(0, 6), max_size=4))
async def test_decision_renewal_mistake_and_service_lead_to_one_verdict_in_any_order(room, another, order, again):
    story = uncovered(another)
    wrong = another(serial=story.serial, product_id=story.product_id, customer_id=story.customer_id)
    ticket_id = await ticket_of(room, story, contact_id=str(story.customer_id), model=story.model)
    facts = (
        story.registered(),
        decided(story, ticket_id=ticket_id, activation_id=story.activation_id),
        story.activated(),
        extended(story),
        ended(story, TODAY - timedelta(days=3)),
        wrong.activated(),
        mistaken(wrong),
    )
    for place in (*order, *again):
        await room.hear(facts[place])
    await room.said()
    assert (await finding(room, ticket_id))[:2] == ("contract", (TODAY + 9 * DAY).isoformat())

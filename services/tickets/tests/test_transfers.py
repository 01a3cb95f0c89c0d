"""A unit changes hands: new tickets are the new customer's, and what ended covers nothing after its last day."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from uuid6 import uuid7

from event_schemas.activation import ServiceEnded, ServiceExtended
from event_schemas.registration_cases import ProductTransferred
from event_schemas.tickets import CoverageRevised
from tickets_service.__main__ import SERVICE

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def transferred(story, to=None, kind="sale"):
    days = {"transferred_on": TODAY, "last_billable_on": TODAY + 30 * DAY}
    unit = {"brand": story.brand, "serial": story.serial, "model": story.model, "product_id": story.product_id}
    customers = {"from_customer_id": story.customer_id, "to_customer_id": to}
    return ProductTransferred.model_validate({**unit, **customers, **days, "transfer_id": uuid7(), "kind": kind})


def ended(story, on: date):
    shared = story.activated().model_dump(include=set(ServiceEnded.model_fields))
    return ServiceEnded.model_validate({**shared, "ended_on": on, "reason": "transfer"})


async def verdict(room, story) -> tuple[str, str | None]:
    view = (await room.get(f"/coverage?brand={story.brand}&serial={story.serial}")).json()
    return view["verdict"], view["covered_until"]


async def ticket_of(room, story, **more):
    answer = await room.post("/repair-requests", story.repair(**more))
    assert answer.status_code == 201, answer.text
    await room.said()
    return answer.json()["ticket_id"]


async def customer_of(room, ticket_id: str):
    return await room.database.pool.fetchval("SELECT customer_id FROM tickets WHERE ticket_id = $1", ticket_id)


@pytest.mark.requirement("REG-17")
async def test_after_a_sale_new_tickets_are_the_new_customers_and_open_ones_stay_with_who_opened_them(room, story):
    await room.hear(story.registered())
    old, buyer = await ticket_of(room, story), uuid7()
    heard = await room.hear(transferred(story, buyer))
    await room.hear(transferred(story, uuid7()), heard)
    new = await ticket_of(room, story)
    assert [await customer_of(room, ticket) for ticket in (old, new)] == [story.customer_id, buyer]


@pytest.mark.requirement("REG-17")
async def test_a_unit_that_is_back_from_its_lease_is_nobodys_so_whoever_asks_is_named(room, story):
    for fact in (story.registered(), story.activated(), transferred(story, kind="lease_return")):
        await room.hear(fact)
    answer = await room.post("/repair-requests", story.repair())
    assert (answer.status_code, answer.json()["code"]) == (422, "contact-needed")
    lessor = uuid7()
    assert await customer_of(room, await ticket_of(room, story, contact_id=str(lessor))) == lessor


@pytest.mark.requirement("REG-17")
async def test_a_transfer_of_a_unit_that_was_never_heard_of_changes_nothing(room, story):
    await room.hear(transferred(story, uuid7()))
    assert await room.said() == []
    assert await verdict(room, story) == ("billable", None)


@pytest.mark.requirement("REG-17", "TKT-09")
async def test_an_ended_service_covers_to_its_last_day_inclusive_and_not_the_day_after(room, another):
    story = another(warranty_ends_on=TODAY - DAY)
    for fact in (story.registered(), story.activated(), story.operational(), ended(story, TODAY + 30 * DAY)):
        await room.hear(fact)
    last = (TODAY + 30 * DAY).isoformat()
    room.clock.advance(30 * DAY)
    assert await verdict(room, story) == ("contract", last)
    room.clock.advance(DAY)
    assert await verdict(room, story) == ("billable", None)


@pytest.mark.requirement("REG-17", "TKT-09")
@pytest.mark.parametrize("day", [2, 30])
async def test_a_service_that_ends_on_or_after_its_operational_day_covers_from_its_moment_to_its_last_day(
    room, another, day
):
    story = another(warranty_ends_on=TODAY - DAY)
    last = TODAY + day * DAY
    for fact in (story.registered(), story.activated(), ended(story, last)):
        await room.hear(fact)
    assert await verdict(room, story) == ("contract_in_setup", last.isoformat())
    room.clock.advance(2 * DAY)
    assert await verdict(room, story) == ("contract", last.isoformat())
    room.clock.advance((day - 2) * DAY)
    assert await verdict(room, story) == ("contract", last.isoformat())
    room.clock.advance(DAY)
    assert await verdict(room, story) == ("billable", None)


@pytest.mark.requirement("REG-17", "TKT-09")
@pytest.mark.parametrize("day", [0, 1])
async def test_a_service_that_ends_before_its_operational_day_covers_nothing_not_even_until_its_end(room, story, day):
    for fact in (story.registered(), story.activated(), ended(story, TODAY + day * DAY)):
        await room.hear(fact)
    assert (await verdict(room, story))[0] == "standard_warranty"
    room.clock.advance(10 * DAY)
    assert (await verdict(room, story))[0] == "standard_warranty"


@pytest.mark.requirement("ACT-10", "TKT-09")
async def test_a_service_whose_contract_ends_before_its_set_up_is_over_is_promised_to_nobody(room, another):
    story = another(warranty_ends_on=TODAY - DAY)
    activated = story.activated().model_copy(update={"ends_on": TODAY + DAY})  # it came in on the last day but one
    for fact in (story.registered(), activated):
        await room.hear(fact)
    assert await verdict(room, story) == ("billable", None)
    shared = activated.model_dump(include=set(ServiceExtended.model_fields))
    await room.hear(
        ServiceExtended.model_validate(shared | {"previous_ends_on": TODAY + DAY, "ends_on": TODAY + 9 * DAY})
    )
    assert await verdict(room, story) == ("contract_in_setup", (TODAY + 9 * DAY).isoformat())


@pytest.mark.requirement("REG-17", "TKT-09")
async def test_the_operational_day_of_a_service_that_ends_is_that_of_the_brands_calendar(room, another):
    night = datetime(2026, 11, 24, 3, tzinfo=UTC)  # 22:00 on the 23rd in Toronto, 04:00 on the 24th in Paris
    for brand, expected in (("ibm", "contract_in_setup"), ("dynabook", "billable")):
        story = another(brand=brand, warranty_ends_on=TODAY - DAY, activated_at=night - 2 * DAY)
        for fact in (story.registered(), story.activated(), ended(story, TODAY + DAY)):
            await room.hear(fact)
        assert (await verdict(room, story))[0] == expected


@pytest.mark.requirement("REG-17", "TKT-09", "ALL-02")
async def test_open_tickets_are_revised_once_when_their_service_ends(room, another):
    story = another(warranty_ends_on=TODAY - DAY)
    for fact in (story.registered(), story.activated(), story.operational()):
        await room.hear(fact)
    ticket_id = await ticket_of(room, story)
    last = TODAY + 30 * DAY
    heard = await room.hear(ended(story, last))
    await room.hear(ended(story, last), heard)
    await room.hear(ended(story, last))
    (revised,) = await room.said()
    assert isinstance(revised, CoverageRevised)
    assert (str(revised.ticket_id), revised.verdict, revised.covered_until) == (ticket_id, "contract", last)


@pytest.mark.requirement("REG-17", "TKT-09")
async def test_an_open_ticket_loses_a_service_that_had_ended_before_it_was_opened(room, another):
    story = another(warranty_ends_on=TODAY - DAY)
    for fact in (story.registered(), story.activated(), story.operational()):
        await room.hear(fact)
    await ticket_of(room, story)
    await room.hear(ended(story, TODAY - DAY))
    (revised,) = await room.said()
    assert (revised.previous_verdict, revised.verdict) == ("contract", "billable")
    assert revised.reasons == ("standard_warranty_over", "service_over")


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_the_facts_of_a_service_and_its_end_lead_to_one_verdict_in_any_order(room, another):
    seen = set()
    for order in permutations(range(4)):
        story = another(warranty_ends_on=TODAY - DAY)
        facts = (story.registered(), story.activated(), story.operational(), ended(story, TODAY + 9 * DAY))
        for place in (*order, *reversed(order)):
            await room.hear(facts[place])
        seen.add(await verdict(room, story))
    assert seen == {("contract", (TODAY + 9 * DAY).isoformat())}


@pytest.mark.requirement("REG-16", "TKT-09")
async def test_a_product_registered_again_for_the_winner_of_a_contest_is_the_winners_with_the_winners_warranty(
    room, story
):
    await room.hear(story.registered())
    ticket_id = await ticket_of(room, story)
    winner = uuid7()
    await room.hear(story.cancelled())
    older = {"customer_id": winner, "purchased_on": date(2024, 1, 5), "warranty_ends_on": date(2025, 1, 4)}
    await room.hear(story.registered().model_copy(update=older))
    (revised,) = await room.said()
    assert (str(revised.ticket_id), revised.customer_id) == (ticket_id, story.customer_id)
    assert (revised.previous_verdict, revised.verdict) == ("standard_warranty", "billable")
    assert await customer_of(room, await ticket_of(room, story)) == winner


@pytest.mark.requirement("POL-02", "REG-17")
async def test_every_shipped_brand_hears_of_transfers(room, another):
    for brand in SERVICE.policies.brands():
        story, buyer = another(brand=brand), uuid7()
        await room.hear(story.registered())
        await room.hear(transferred(story, buyer))
        assert await customer_of(room, await ticket_of(room, story)) == buyer

"""Facts that come late, twice or in another order: one read model, and one revision for each change of the verdict."""

import asyncio
from itertools import permutations

import pytest
from uuid6 import uuid7

from event_schemas.tickets import CoverageDecided, CoverageRevised, RepairRequested

FACTS = ("registered", "activated", "operational", "cancelled")


async def open_repair(room, story, **more) -> str:
    answer = await room.post("/repair-requests", story.repair(contact_id=str(story.customer_id), **more))
    assert answer.status_code == 201
    return answer.json()["ticket_id"]


async def verdict_of(room, ticket_id: str) -> str:
    return (await room.get(f"/tickets/{ticket_id}")).json()["coverage"]["verdict"]


async def stored(room, story) -> list[dict[str, object]]:
    pool = room.database.pool
    products = await pool.fetch("SELECT * FROM products WHERE serial = $1", story.serial)
    services = await pool.fetch("SELECT * FROM services WHERE serial = $1", story.serial)
    gone = await pool.fetch("SELECT * FROM cancellations WHERE redemption_id = $1", story.redemption_id)
    return [dict(row) for row in (*products, *services, *gone)]


@pytest.mark.requirement("TKT-09", "ALL-02")
@pytest.mark.parametrize("size", [2, 3, 4])
async def test_facts_in_any_order_and_twice_lead_to_the_same_read_model(room, story, size):
    seen = []
    for order in permutations(FACTS[:size]):
        await room.database.pool.execute("TRUNCATE products, services, cancellations")
        for name in (*order, *order[:1], *reversed(order)):  # again, as new messages: the inbox does not help here
            await room.hear(getattr(story, name)())
        seen.append(await stored(room, story))
    assert len(seen[0]) == {2: 2, 3: 2, 4: 3}[size]
    assert all(model == seen[0] for model in seen)


@pytest.mark.requirement("TKT-09")
async def test_when_the_setup_is_over_an_open_repair_is_told_once(room, story):
    await room.hear(story.registered())
    await room.hear(story.activated())
    ticket_id = await open_repair(room, story)
    room.clock.set(story.operational_at)
    await room.said()
    heard = await room.hear(story.operational())
    await room.hear(story.operational(), heard)
    await room.hear(story.operational())
    (revised,) = await room.said()
    assert isinstance(revised, CoverageRevised)
    assert (revised.previous_verdict, revised.verdict) == ("contract_in_setup", "contract")
    assert (str(revised.ticket_id), revised.operational_at, revised.covered_until) == (ticket_id, None, story.ends_on)
    history = (await room.get(f"/tickets/{ticket_id}")).json()["history"]
    assert [(entry["what"], entry["detail"]) for entry in history[-2:]] == [
        ("coverage_decided", "contract_in_setup"),
        ("coverage_revised", "contract"),
    ]


@pytest.mark.requirement("TKT-09")
async def test_a_unit_that_is_registered_after_the_ticket_was_opened_becomes_covered_step_by_step(room, story):
    ticket_id = await open_repair(room, story)
    await room.said()
    for fact in (story.registered(), story.activated(), story.operational(), story.cancelled()):
        await room.hear(fact)
    steps = [(fact.previous_verdict, fact.verdict) for fact in await room.said()]
    assert steps == [
        ("billable", "standard_warranty"),
        ("standard_warranty", "contract_in_setup"),
        ("contract_in_setup", "contract"),
        ("contract", "standard_warranty"),
    ]
    assert await verdict_of(room, ticket_id) == "standard_warranty"


@pytest.mark.requirement("TKT-09")
async def test_a_cancellation_heard_before_its_service_still_takes_it_back(room, story):
    await open_repair(room, story)
    await room.said()
    await room.hear(story.cancelled())
    await room.hear(story.activated())
    await room.hear(story.operational())
    assert await room.said() == []


@pytest.mark.requirement("TKT-09")
async def test_a_fact_that_promises_nothing_else_is_not_announced(room, story):
    await room.hear(story.activated())
    ticket_id = await open_repair(room, story)
    await room.said()
    await room.hear(story.registered())
    assert await room.said() == []
    assert await verdict_of(room, ticket_id) == "contract_in_setup"


@pytest.mark.requirement("TKT-09")
async def test_a_long_repair_costs_nobody_the_cover_of_the_day_it_was_asked_for(room, story, another):
    await room.hear(story.registered())
    ticket_id = await open_repair(room, story)
    await room.said()
    room.clock.set(room.clock.now().replace(year=2028))
    await room.hear(story.registered())
    await room.hear(another(serial=story.serial).cancelled())
    assert await room.said() == []
    assert await verdict_of(room, ticket_id) == "standard_warranty"


@pytest.mark.requirement("TKT-09")
async def test_only_open_repairs_of_that_unit_and_brand_are_revised(room, story, another):
    stranger = another(serial=story.serial, brand="carri")
    await room.hear(stranger.registered())
    await room.post("/repair-requests", stranger.repair())
    await room.post("/return-requests", story.refund(contact_id=str(story.customer_id)))
    await room.post("/repair-requests", another().repair(contact_id=str(uuid7())))
    await room.said()
    await room.hear(story.registered())
    assert await room.said() == []


@pytest.mark.requirement("REG-13")
async def test_a_twin_of_another_model_does_not_change_the_verdict_of_a_named_unit(room, story, another):
    await room.hear(story.registered())
    ticket_id = await open_repair(room, story)
    await room.said()
    twin = another(serial=story.serial, model="ZZ-1")
    await room.hear(twin.registered())
    await room.hear(twin.activated())
    assert await room.said() == []
    assert await verdict_of(room, ticket_id) == "standard_warranty"


@pytest.mark.requirement("TKT-09", "ALL-02")
async def test_a_ticket_and_a_fact_at_the_same_moment_never_miss_each_other(room, another):
    for _ in range(25):
        story = another()
        opened, _ = await asyncio.gather(open_repair(room, story), room.hear(story.registered()))
        facts = await room.said()
        assert await verdict_of(room, opened) == "standard_warranty"
        kinds = [type(fact) for fact in facts]
        assert kinds in ([RepairRequested, CoverageDecided], [RepairRequested, CoverageDecided, CoverageRevised])
        assert facts[-1].verdict == "standard_warranty"

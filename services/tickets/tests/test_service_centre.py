"""What repair centres answer moves tickets on; the unknown, the late and the repeated do no harm."""

from datetime import date, timedelta

import pytest
from uuid6 import uuid7

from chassis.codec import Record, encode
from chassis.database import Cause
from event_schemas.service_centre import RepairReported, ReturnAssessed, UnitReceived
from event_schemas.tickets import ReceivedByServiceCentre, RepairFinished, ReturnAccepted, ReturnRefused


@pytest.fixture
async def repair(room, story) -> str:
    await room.hear(story.registered())
    ticket_id = (await room.post("/repair-requests", story.repair())).json()["ticket_id"]
    await room.said()
    return ticket_id


@pytest.fixture
async def refund(room, story) -> str:
    await room.hear(story.registered())
    ticket_id = (await room.post("/return-requests", story.refund())).json()["ticket_id"]
    await room.said()
    return ticket_id


def received(room, ticket_id, brand="dynabook") -> UnitReceived:
    return UnitReceived(brand=brand, ticket_id=ticket_id, received_at=room.clock.now())


def reported(room, ticket_id, outcome="not_repairable") -> RepairReported:
    return RepairReported(brand="dynabook", ticket_id=ticket_id, outcome=outcome, reported_at=room.clock.now())


def assessed(room, ticket_id, **judgement) -> ReturnAssessed:
    return ReturnAssessed(brand="dynabook", ticket_id=ticket_id, assessed_at=room.clock.now(), **judgement)


async def levels(room, ticket_id) -> tuple[str, str]:
    ticket = (await room.get(f"/tickets/{ticket_id}")).json()
    return ticket["request_status"], ticket["repair_status"] or ticket["return_status"]


async def deliver(room, event) -> str | None:
    """Deliver what may be refused; the reason when it became a dead letter."""
    message = encode(event, service="centre", policy_version="-", cause=Cause("test"), now=room.clock.now())
    offset = message.event_id.int % 2**40 + 1000
    await room.delivery().take([Record(message.topic, 1, offset, message.key, message.headers, message.payload)])
    return await room.database.pool.fetchval('SELECT message FROM dead_letter WHERE "offset" = $1', offset)


@pytest.mark.requirement("TKT-12", "TKT-16")
async def test_a_repair_is_received_and_finished_on_both_status_levels(room, story, repair):
    assert await levels(room, repair) == ("in_progress", "requested")
    await room.hear(received(room, repair))
    assert await levels(room, repair) == ("in_progress", "received_by_service_centre")
    room.clock.advance(timedelta(days=1))
    await room.hear(reported(room, repair))
    assert await levels(room, repair) == ("finished", "not_repairable")
    arrived, finished = await room.said()
    assert isinstance(arrived, ReceivedByServiceCentre)
    assert isinstance(finished, RepairFinished)
    assert (finished.outcome, finished.finished_at) == ("not_repairable", room.clock.now())
    assert {arrived.serial, finished.serial} == {story.serial}
    assert {arrived.customer_id, finished.customer_id} == {story.customer_id}
    history = (await room.get(f"/tickets/{repair}")).json()["history"]
    assert [(entry["what"], entry["actor"]) for entry in history[-2:]] == [
        ("received_by_service_centre", "service_centre"),
        ("not_repairable", "service_centre"),
    ]


@pytest.mark.requirement("TKT-12")
async def test_a_repair_on_site_ends_without_the_unit_being_received(room, repair):
    await room.hear(reported(room, repair, "repaired"))
    assert await levels(room, repair) == ("finished", "repaired")
    assert [type(fact) for fact in await room.said()] == [RepairFinished]


@pytest.mark.requirement("TKT-16", "TKT-12")
async def test_late_and_repeated_messages_change_nothing_and_say_nothing(room, repair):
    first = await room.hear(reported(room, repair, "repaired"))
    before = (await room.get(f"/tickets/{repair}")).json()
    await room.said()
    await room.hear(reported(room, repair, "repaired"), first)
    for late in (
        reported(room, repair, "repaired"),
        reported(room, repair, "not_repairable"),
        received(room, repair),
        assessed(room, repair, accepted=True, grms_number="GRMS-1"),
        assessed(room, repair, accepted=False, reason="late"),
    ):
        await room.hear(late)
    assert await room.said() == []
    assert (await room.get(f"/tickets/{repair}")).json() == before


@pytest.mark.requirement("TKT-16")
async def test_messages_about_unknown_tickets_and_other_brands_tickets_do_no_harm(room, repair):
    nowhere = uuid7()
    for stray in (
        received(room, nowhere),
        reported(room, nowhere),
        assessed(room, nowhere, accepted=True, grms_number="GRMS-2"),
        received(room, repair, brand="carri"),
        received(room, repair, brand="acme"),
    ):
        await room.hear(stray)
    assert await room.said() == []
    assert await levels(room, repair) == ("in_progress", "requested")


@pytest.mark.requirement("TKT-12", "TKT-16")
async def test_a_return_is_accepted_with_its_grms_number(room, story, refund):
    room.clock.set(room.clock.now().replace(hour=23, minute=30))  # already tomorrow in Paris
    await room.hear(assessed(room, refund, accepted=True, grms_number=" GRMS-2026-000815 "))
    (accepted,) = await room.said()
    assert isinstance(accepted, ReturnAccepted)
    assert (accepted.grms_number, accepted.accepted_on) == ("GRMS-2026-000815", date(2026, 11, 23))
    assert (str(accepted.ticket_id), accepted.serial, accepted.customer_id) == (refund, story.serial, story.customer_id)
    assert await levels(room, refund) == ("finished", "accepted")
    assert (await room.get(f"/tickets/{refund}")).json()["grms_number"] == "GRMS-2026-000815"


@pytest.mark.requirement("TKT-16")
async def test_a_return_is_refused_with_its_reason_and_accepted_no_more(room, refund):
    await room.hear(assessed(room, refund, accepted=False, reason="liquid damage"))
    await room.hear(assessed(room, refund, accepted=True, grms_number="GRMS-3"))
    (refused,) = await room.said()
    assert isinstance(refused, ReturnRefused)
    assert refused.reason == "liquid damage"
    ticket = (await room.get(f"/tickets/{refund}")).json()
    assert (ticket["return_status"], ticket["grms_number"]) == ("refused", None)
    assert ticket["history"][-1]["detail"] == "liquid damage"


@pytest.mark.requirement("TKT-16", "ALL-02")
@pytest.mark.parametrize(
    ("judgement", "reason"),
    [
        ({"accepted": True}, "return.assessed.v1: /grms_number: None; accepted: the number of the accepted return"),
        ({"accepted": True, "grms_number": "  "}, "/grms_number: '  '"),
        ({"accepted": False}, "/reason: None; accepted: the reason of the refusal"),
    ],
)
async def test_an_assessment_without_what_belongs_to_it_is_set_aside_and_the_return_stays_open(
    room, refund, repair, judgement, reason
):
    message = await deliver(room, assessed(room, refund, **judgement))
    assert message is not None
    assert reason in message
    assert await levels(room, refund) == ("in_progress", "requested")
    assert await deliver(room, received(room, repair)) is None  # its neighbours go on
    (arrived,) = await room.said()
    assert isinstance(arrived, ReceivedByServiceCentre)


@pytest.mark.requirement("TKT-16")
async def test_an_outcome_that_is_not_known_here_is_set_aside(room, repair):
    message = await deliver(room, reported(room, repair, "swapped"))
    assert message == "repair.reported.v1: /outcome: 'swapped'; accepted: repaired, not_repairable"
    assert await levels(room, repair) == ("in_progress", "requested")


@pytest.mark.requirement("TKT-09", "TKT-12")
async def test_a_finished_repair_keeps_the_verdict_it_had(room, story, repair):
    await room.hear(reported(room, repair, "repaired"))
    await room.said()
    await room.hear(story.activated())
    assert await room.said() == []
    assert (await room.get(f"/tickets/{repair}")).json()["coverage"]["verdict"] == "standard_warranty"

"""A unit shall go back: after a failed repair, or without one."""

import pytest
from uuid6 import uuid7

from event_schemas.tickets import ReturnRequested


@pytest.mark.requirement("TKT-12")
async def test_a_return_after_a_repair_names_it_and_has_no_verdict_of_its_own(room, story):
    await room.hear(story.registered())
    repair = (await room.post("/repair-requests", story.repair())).json()["ticket_id"]
    await room.said()
    answer = await room.post("/return-requests", story.refund(repair_ticket_id=repair))
    assert answer.status_code == 201
    ticket_id = answer.json()["ticket_id"]
    assert answer.json() == {"ticket_id": ticket_id, "serial": story.serial, "return_status": "requested"}
    (requested,) = await room.said()
    assert isinstance(requested, ReturnRequested)
    assert (str(requested.ticket_id), str(requested.repair_ticket_id)) == (ticket_id, repair)
    assert (requested.model, requested.customer_id) == (story.model, story.customer_id)
    ticket = (await room.get(f"/tickets/{ticket_id}")).json()
    assert (ticket["kind"], ticket["coverage"], ticket["repair_status"]) == ("return", None, None)
    assert (ticket["complaint"], ticket["repair_ticket_id"]) == ("Main board broken.", repair)


async def test_a_return_names_only_a_repair_of_its_own_unit(room, story, another):
    other = another()
    for unit in (story, other):
        await room.hear(unit.registered())
    foreign = (await room.post("/repair-requests", other.repair())).json()["ticket_id"]
    earlier = (await room.post("/return-requests", story.refund())).json()["ticket_id"]
    count = await room.database.pool.fetchval("SELECT count(*) FROM tickets")
    await room.said()
    said = []
    for wrong in (foreign, earlier, str(uuid7())):
        answer = await room.post("/return-requests", story.refund(repair_ticket_id=wrong))
        problem = answer.json()
        said.append(
            (
                answer.status_code,
                problem["code"],
                problem["errors"][0]["pointer"],
                problem["detail"].replace(wrong, "…"),
            )
        )
    assert len(set(said)) == 1  # unknown and other people's repairs look alike
    assert said[0][:3] == (422, "repair-ticket-unknown", "/repair_ticket_id")
    assert await room.database.pool.fetchval("SELECT count(*) FROM tickets") == count
    assert await room.said() == []


async def test_a_return_of_an_unregistered_unit_needs_a_contact(room, story):
    refused = await room.post("/return-requests", story.refund())
    assert (refused.status_code, refused.json()["code"]) == (422, "contact-needed")
    assert (await room.post("/return-requests", story.refund(contact_id=str(uuid7())))).status_code == 201


@pytest.mark.requirement("TKT-04", "ALL-01")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"serial": None}, "/serial"), ({"defect": None}, "/defect"), ({"repair_ticket_id": 7}, "/repair_ticket_id")],
)
async def test_a_wrong_field_of_a_return_is_named(room, story, change, pointer):
    body = {name: value for name, value in story.refund(**change).items() if value is not None}
    answer = await room.post("/return-requests", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await room.said() == []

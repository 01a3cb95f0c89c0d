"""A repair is requested: the verdict at once, the facts for everybody, or a reasoned no."""

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from uuid6 import uuid7

from event_schemas.tickets import CoverageDecided, RepairRequested

ROWS = "SELECT (SELECT count(*) FROM tickets) + (SELECT count(*) FROM ticket_history) + (SELECT count(*) FROM outbox)"


@pytest.mark.requirement("TKT-03", "TKT-09", "TKT-12")
async def test_a_unit_under_contract_is_told_so_with_the_last_covered_day(room, story):
    for fact in (story.registered(), story.activated(), story.operational()):
        await room.hear(fact)
    answer = await room.post("/repair-requests", story.repair())
    assert answer.status_code == 201
    said = answer.json()
    ticket_id = said.pop("ticket_id")
    assert said == {
        "serial": story.serial,
        "verdict": "contract",
        "reasons": ["service_operational", "within_standard_warranty"],
        "covered_until": "2029-11-21",
        "operational_at": None,
        "repair_status": "requested",
    }
    requested, decided = await room.said()
    assert isinstance(requested, RepairRequested)
    assert (requested.model, requested.customer_id, requested.requested_at) == (
        story.model,
        story.customer_id,
        room.clock.now(),
    )
    assert isinstance(decided, CoverageDecided)
    assert str(decided.ticket_id) == str(requested.ticket_id) == ticket_id
    assert (decided.activation_id, decided.service_reference) == (story.activation_id, "PPCP013FR-VGAD")
    assert (decided.rule_version, decided.verdict) == ("2026-01-01", "contract")


@pytest.mark.requirement("TKT-09")
async def test_asked_before_the_two_days_are_over_the_service_is_in_setup_until_a_named_moment(room, story):
    await room.hear(story.registered())
    await room.hear(story.activated())
    room.clock.advance(timedelta(days=2) - timedelta(seconds=1))
    answer = (await room.post("/repair-requests", story.repair())).json()
    assert (answer["verdict"], answer["operational_at"]) == ("contract_in_setup", "2026-11-24T09:00:00Z")
    assert answer["reasons"] == ["service_in_setup", "within_standard_warranty"]


@pytest.mark.requirement("TKT-09")
async def test_the_last_day_of_the_warranty_counts_to_its_end_in_the_brands_own_time_zone(room, story):
    await room.hear(story.registered())
    room.clock.set(datetime(2027, 10, 31, 22, 59, 59, tzinfo=UTC))  # a second to midnight in Paris
    last = (await room.post("/repair-requests", story.repair())).json()
    room.clock.advance(timedelta(seconds=1))
    over = (await room.post("/repair-requests", story.repair())).json()
    assert (last["verdict"], last["covered_until"]) == ("standard_warranty", "2027-10-31")
    assert (over["verdict"], over["reasons"]) == ("billable", ["standard_warranty_over"])


@pytest.mark.requirement("TKT-09", "TKT-12", "TKT-03")
async def test_the_ticket_shows_the_complaint_its_verdict_and_its_history(room, story):
    await room.hear(story.registered())
    body = story.repair(own_reference="SHOP-1", complaint="Blinkt zweimal.\nDann nichts. 😕")
    ticket_id = (await room.post("/repair-requests", body)).json()["ticket_id"]
    ticket = (await room.get(f"/tickets/{ticket_id}")).json()
    assert ticket["complaint"] == "Blinkt zweimal.\nDann nichts. 😕"
    assert (ticket["own_reference"], ticket["kind"], ticket["model"]) == ("SHOP-1", "repair", story.model)
    assert (ticket["request_status"], ticket["repair_status"], ticket["return_status"]) == (
        "in_progress",
        "requested",
        None,
    )
    assert ticket["coverage"]["verdict"] == "standard_warranty"
    assert [(entry["what"], entry["actor"], entry["detail"]) for entry in ticket["history"]] == [
        ("repair_requested", "requester", None),
        ("coverage_decided", "aftercare", "standard_warranty"),
    ]


@pytest.mark.requirement("TKT-03", "ALL-05")
async def test_complaint_and_own_reference_never_leave_the_database_by_events(room, story):
    await room.hear(story.registered())
    asked = story.repair(complaint="xyzzy-complaint", own_reference="xyzzy-reference")
    ticket_id = (await room.post("/repair-requests", asked)).json()["ticket_id"]
    await room.post("/return-requests", story.refund(defect="xyzzy-defect", repair_ticket_id=ticket_id))
    rows = await room.database.pool.fetch("SELECT headers::text AS headers, payload FROM outbox")
    assert len(rows) == 3
    assert not [row for row in rows if b"xyzzy" in row["payload"] or "xyzzy" in row["headers"]]


@pytest.mark.requirement("TKT-03", "TKT-09")
async def test_an_unregistered_serial_needs_a_contact_and_is_billable(room, story):
    refused = await room.post("/repair-requests", story.repair(), language="nl")
    assert (refused.status_code, refused.json()["code"]) == (422, "contact-needed")
    assert refused.json()["errors"][0]["pointer"] == "/contact_id"
    assert f"Voor het serienummer {story.serial} is geen klant geregistreerd" in refused.json()["detail"]
    contact = uuid7()
    accepted = await room.post("/repair-requests", story.repair(contact_id=str(contact)))
    assert (accepted.json()["verdict"], accepted.json()["reasons"]) == ("billable", ["product_unknown"])
    requested, _ = await room.said()
    assert (requested.customer_id, requested.model) == (contact, None)


@pytest.mark.requirement("TKT-03")
async def test_a_registered_unit_is_its_customers_whoever_asks(room, story):
    await room.hear(story.activated())
    await room.post("/repair-requests", story.repair(contact_id=str(uuid7())))
    requested, decided = await room.said()
    assert {requested.customer_id, decided.customer_id} == {story.customer_id}


@pytest.mark.requirement("REG-13", "TKT-03")
async def test_a_serial_shared_by_two_models_asks_for_the_model(room, story, another):
    twin = another(serial=story.serial, model="ZZ-1")
    await room.hear(story.registered())
    await room.hear(twin.registered())
    unclear = await room.post("/repair-requests", story.repair(), language="fr")
    assert (unclear.status_code, unclear.json()["code"]) == (422, "model-unclear")
    assert unclear.json()["errors"][0]["accepted"] == [story.model, "ZZ-1"]
    assert (await room.post("/repair-requests", story.repair(model="zz-1"))).status_code == 201
    requested, _ = await room.said()
    assert (requested.model, requested.customer_id) == ("ZZ-1", twin.customer_id)


@pytest.mark.requirement("TKT-04", "ALL-01", "ALL-02")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"brand": "acme"}, "/brand"),
        ({"serial": ""}, "/serial"),
        ({"serial": None}, "/serial"),
        ({"serial": "9H 0123456X"}, "/serial"),
        ({"serial": "9H\x000123"}, "/serial"),
        ({"serial": "9" * 65}, "/serial"),
        ({"complaint": "   "}, "/complaint"),
        ({"complaint": "a\x00b"}, "/complaint"),
        ({"complaint": "x" * 4001}, "/complaint"),
        ({"complaint": 7}, "/complaint"),
        ({"own_reference": "x" * 61}, "/own_reference"),
        ({"contact_id": "me"}, "/contact_id"),
        ({"urgent": True}, "/urgent"),
    ],
)
async def test_a_wrong_field_is_named_and_leaves_no_row_and_no_fact(room, story, change, pointer):
    await room.hear(story.registered())
    before = await room.database.pool.fetchval(ROWS)
    body = {name: value for name, value in story.repair(**change).items() if value is not None}
    answer = await room.post("/repair-requests", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await room.database.pool.fetchval(ROWS) == before


async def test_a_lone_surrogate_is_refused_like_any_wrong_text(room, story):
    headers = room._headers(None, "en") | {"Idempotency-Key": str(uuid7()), "Content-Type": "application/json"}
    body = orjson.dumps(story.repair(complaint="MARK")).replace(b"MARK", rb"\ud800")
    answer = await room.client.post("/repair-requests", content=body, headers=headers)
    assert answer.status_code in (400, 422)


@pytest.mark.requirement("ALL-01")
async def test_a_serial_typed_in_small_letters_is_the_one_on_the_label(room, story):
    await room.hear(story.registered())
    answer = await room.post("/repair-requests", story.repair(serial=f" {story.serial.lower()} "))
    assert (answer.json()["serial"], answer.json()["verdict"]) == (story.serial, "standard_warranty")


@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_the_same_key_ten_times_at_once_opens_one_ticket(room, story):
    await room.hear(story.registered())
    answers = await asyncio.gather(
        *(room.post("/repair-requests", story.repair(), key=story.serial) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["ticket_id"] for answer in answers if answer.status_code == 201}) == 1
    assert [type(fact) for fact in await room.said()] == [RepairRequested, CoverageDecided]


@pytest.mark.requirement("ALL-06")
async def test_a_reader_cannot_open_and_a_writer_cannot_look(room, story):
    refused = await room.post("/repair-requests", story.repair(), scopes=["tickets:read"])
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    assert (await room.get("/tickets", scopes=["tickets:write"])).status_code == 403
    assert (await room.get(f"/tickets/{uuid7()}", scopes=["tickets:write"])).status_code == 403

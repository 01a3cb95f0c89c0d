"""A product moves to another country: every step in its order, told to whom it concerns, and none besides (REG-18)."""

import asyncio
from datetime import date, timedelta
from itertools import product as pairs
from uuid import UUID, uuid4

import pytest

from event_schemas.registration_cases import (
    MoveApproved,
    MoveAssigned,
    MoveExecuted,
    MoveRefused,
    MoveRequested,
    MoveWithdrawn,
)
from event_schemas.registration_mail import MoveAnswered

from .casework import claim, customer, dealer, open_case, settle
from .conftest import refused

TODAY = {"executed_on": "2026-11-22"}
BODIES = {"refusal": {"reason": "No service partner there."}, "execution": TODAY}
WAY_TO = {
    "requested": (),
    "assigned": ("assignment",),
    "approved": ("assignment", "approval"),
    "refused": ("assignment", "refusal"),
    "executed": ("assignment", "approval", "execution"),
    "withdrawn": ("withdrawal",),
}
POSSIBLE = {
    "requested": {"assignment", "withdrawal"},
    "assigned": {"approval", "refusal", "withdrawal"},
    "approved": {"execution", "withdrawal"},
}
STEPS = ("assignment", "approval", "refusal", "execution", "withdrawal")
SAYS = {
    "assignment": [MoveAssigned],
    "approval": [MoveApproved, MoveAnswered],
    "refusal": [MoveRefused, MoveAnswered],
    "execution": [MoveExecuted],
    "withdrawal": [MoveWithdrawn],
}


async def requested(desk, state: str = "requested"):
    """A case with a move in this state, everything said so far taken out of the outbox."""
    case = await open_case(desk)
    answer = await case.owner.post("/moves", case.move())
    assert answer.status_code == 201, answer.text
    move_id = answer.json()["move_id"]
    for step in WAY_TO[state]:
        assert (await take(case, move_id, step)).status_code == 200
    return case, move_id


async def take(case, move_id: str, step: str, **changes):
    actor = case.owner if step == "withdrawal" else case.staff
    return await actor.post(f"/moves/{move_id}/{step}", {**BODIES.get(step, {}), **changes})


@pytest.mark.requirement("REG-18")
async def test_a_move_is_assessed_and_approved_before_it_is_executed_and_its_history_tells_so(desk) -> None:
    case = await open_case(desk)
    answer = await case.owner.post("/moves", case.move())
    assert (answer.status_code, answer.json()["state"]) == (201, "requested")
    move_id = answer.json()["move_id"]
    (fact,) = await desk.said()
    assert isinstance(fact, MoveRequested)
    assert (fact.from_country, fact.to_country, str(fact.customer_id)) == ("BE", "CH", case.registered["customer_id"])
    for step in WAY_TO["executed"]:
        desk.room.clock.advance(timedelta(hours=1))
        assert (await take(case, move_id, step)).status_code == 200
    assert [type(said) for said in await desk.said()] == [MoveAssigned, MoveApproved, MoveAnswered, MoveExecuted]
    view = (await case.owner.get(f"/moves/{move_id}")).json()
    assert (view["state"], view["possible"], view["executed_on"]) == ("executed", [], "2026-11-22")
    assert view["history"] == [
        {"state": "requested", "at": "2026-11-22T09:00:00Z", "by": "requester"},
        {"state": "assigned", "at": "2026-11-22T10:00:00Z", "by": "staff"},
        {"state": "approved", "at": "2026-11-22T11:00:00Z", "by": "staff"},
        {"state": "executed", "at": "2026-11-22T12:00:00Z", "by": "staff"},
    ]
    assert view["approved_on"] == "2026-11-22"


@pytest.mark.requirement("REG-18")
@pytest.mark.parametrize(("state", "step"), list(pairs(WAY_TO, STEPS)))
async def test_each_step_is_taken_from_its_state_only_and_else_the_state_and_what_is_possible_are_named(
    desk, state, step
) -> None:
    case, move_id = await requested(desk, state)
    await desk.said()
    answer = await take(case, move_id, step)
    if step in POSSIBLE.get(state, ()):
        assert answer.status_code == 200
        assert [type(fact) for fact in await desk.said()] == SAYS[step]
        return
    told = refused(answer, 409, "move-step-impossible", "/step")
    assert state in told["detail"]
    assert set(told["accepted"]) == POSSIBLE.get(state, set())
    assert await desk.said() == []
    assert (await case.owner.get(f"/moves/{move_id}")).json()["state"] == state


@pytest.mark.requirement("REG-18")
async def test_the_reason_of_a_refusal_goes_to_the_customer_by_mail_and_not_to_the_public_topic(desk) -> None:
    case, move_id = await requested(desk, "assigned")
    await desk.said()
    answer = await take(case, move_id, "refusal", reason="Export licence missing.")
    assert answer.json()["refusal_reason"] == "Export licence missing."
    of = "SELECT topic, convert_from(payload, 'UTF8') AS said FROM outbox"
    rows = {row["topic"]: row["said"] for row in await desk.room.database.pool.fetch(of)}
    assert "Export licence missing." in rows["registration-mail"]
    assert "licence" not in rows["registration"]
    _, mailed = await desk.said()
    assert (mailed.approved, str(mailed.customer_id)) == (False, case.registered["customer_id"])


@pytest.mark.requirement("REG-18", "ALL-05")
async def test_the_new_address_stays_off_the_topics(desk) -> None:
    case = await open_case(desk)
    await case.owner.post("/moves", case.move())
    said = await desk.room.database.pool.fetchval("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox")
    assert "Bahnhof" not in said
    assert "department" not in said


@pytest.mark.requirement("REG-18")
@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"to_country": "BE"}, "same-country", "/to_country"),
        ({"to_country": "XX"}, "country-unknown", "/to_country"),
        ({"from_country": "QQ"}, "country-unknown", "/from_country"),
        ({"from_country": None}, "from-country-needed", "/from_country"),
        ({"to_country": "ch"}, "fields-not-acceptable", "/to_country"),
        ({"planned_on": "2026-11-21"}, "move-day-impossible", "/planned_on"),
        ({"planned_on": "2028-11-23"}, "move-day-impossible", "/planned_on"),
        ({"reason": ""}, "fields-not-acceptable", "/reason"),
        ({"product_id": None}, "product-not-named", "/product_id"),
    ],
)
async def test_a_request_that_does_not_fit_is_refused_with_its_field_and_leaves_nothing(
    desk, changes, code, pointer
) -> None:
    case = await open_case(desk)
    refused(await case.owner.post("/moves", case.move(**changes)), 422, code, pointer)
    assert await desk.said() == []
    assert (await case.owner.get("/moves")).json()["items"] == []


@pytest.mark.requirement("REG-18")
async def test_the_country_of_the_customers_address_is_where_a_move_starts(desk) -> None:
    address = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}
    moved = {"name": "Els Maes", "email": f"{uuid4()}@example.com", "language": "nl", "address": address}
    case = await open_case(desk, customer=moved)
    answer = await case.owner.post("/moves", case.move(from_country=None))
    assert (answer.status_code, answer.json()["from_country"]) == (201, "BE")


@pytest.mark.requirement("REG-18", "ALL-02")
async def test_of_twenty_requests_at_once_one_move_is_open_and_the_others_hear_which(desk) -> None:
    case = await open_case(desk)
    bodies = [case.move(reason=f"Reason {number}.") for number in range(20)]
    answers = await asyncio.gather(*(case.owner.post("/moves", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    own = next(answer.json()["move_id"] for answer in answers if answer.status_code == 201)
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert refused(loser, 409, "move-open", "/product_id")["value"] == own
    assert [type(fact) for fact in await desk.said()] == [MoveRequested]


@pytest.mark.requirement("REG-18", "ALL-02")
async def test_two_approvals_and_a_refusal_at_once_decide_one_way(desk) -> None:
    for _ in range(8):
        case, move_id = await requested(desk, "assigned")
        await desk.said()
        steps = ("approval", "approval", "refusal")
        answers = await asyncio.gather(*(take(case, move_id, step) for step in steps))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        said = [type(fact) for fact in await desk.said()]
        assert said in ([MoveApproved, MoveAnswered], [MoveRefused, MoveAnswered])


@pytest.mark.requirement("REG-18")
@pytest.mark.parametrize("day", [-1, 3])
async def test_a_move_is_executed_between_its_approval_and_today(desk, day) -> None:
    case, move_id = await requested(desk, "approved")
    desk.room.clock.advance(timedelta(days=2))
    wrong = (date(2026, 11, 22) + timedelta(days=day)).isoformat()
    answer = await take(case, move_id, "execution", executed_on=wrong)
    refused(answer, 422, "execution-day-impossible", "/executed_on")
    assert (await take(case, move_id, "execution")).status_code == 200


@pytest.mark.requirement("REG-18")
async def test_after_the_end_of_a_move_another_may_be_requested(desk) -> None:
    for state in ("refused", "executed", "withdrawn"):
        case, _ = await requested(desk, state)
        assert (await case.owner.post("/moves", case.move())).status_code == 201


@pytest.mark.requirement("REG-18", "REG-16")
async def test_a_move_of_a_product_that_a_contest_gave_to_somebody_else_can_only_be_withdrawn(desk) -> None:
    case, move_id = await requested(desk, "assigned")
    _, contest_id = await claim(case, desk)
    await settle(case, contest_id, "claimant_gets")
    refused(await take(case, move_id, "approval"), 409, "move-overtaken", "/step")
    assert (await take(case, move_id, "withdrawal")).status_code == 200


@pytest.mark.requirement("REG-18", "REG-06")
async def test_another_organisation_gets_the_answer_of_an_unknown_move_and_only_staff_decide(desk) -> None:
    case = await open_case(desk)
    own = (await case.dealer.post("/moves", case.move())).json()["move_id"]
    stranger, colleague = dealer(desk.room), dealer(desk.room, case.dealer.claims["organisation"])
    seen = []
    for one in (own, str(uuid4())):
        answers = [await stranger.get(f"/moves/{one}"), await stranger.post(f"/moves/{one}/withdrawal")]
        assert [answer.status_code for answer in answers] == [404, 404]
        seen.append([{**answer.json(), "correlation_id": ""} for answer in answers])
    assert seen[0] == seen[1]
    assert (await stranger.post("/moves", case.move())).status_code == 404
    for reader, count in ((stranger, 0), (colleague, 1), (case.owner, 1), (case.staff, 1)):
        listed = (await reader.get(f"/moves?serial={case.body['serial']}")).json()["items"]
        assert [item["move_id"] for item in listed] == [own] * count
    for step in ("assignment", "approval", "refusal", "execution"):
        answer = await case.dealer.post(f"/moves/{own}/{step}", BODIES.get(step, {}))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


@pytest.mark.requirement("REG-18", "ALL-01")
async def test_moves_are_listed_newest_first_by_state_with_cursor_history_and_etag(desk) -> None:
    case, first = await requested(desk, "withdrawn")
    desk.room.clock.advance(timedelta(minutes=1))
    second = (await case.owner.post("/moves", case.move())).json()["move_id"]
    page = (await case.owner.get("/moves?limit=1")).json()
    assert [(item["move_id"], len(item["history"])) for item in page["items"]] == [(second, 1)]
    rest = (await case.owner.get(f"/moves?limit=1&cursor={page['next_cursor']}")).json()["items"]
    assert [(item["move_id"], len(item["history"])) for item in rest] == [(first, 2)]
    assert [item["move_id"] for item in (await case.owner.get("/moves?state=withdrawn")).json()["items"]] == [first]
    one = await case.owner.get(f"/moves/{first}")
    headers = {**one.request.headers, "If-None-Match": one.headers["etag"]}
    assert (await desk.room.client.get(f"/moves/{first}", headers=headers)).status_code == 304
    other = customer(desk.room, str(UUID(int=5)))
    assert (await other.get("/moves")).json()["items"] == []

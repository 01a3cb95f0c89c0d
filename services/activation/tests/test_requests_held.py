"""A product that does not stand at its site is held until a person has looked; answers come late, again, or undo."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from activation_service.requests.handlers import hold, item_of
from chassis.database import Cause
from event_schemas.activation import ActivationHeld, ActivationRefused, ActivationReleased, ServiceActivated
from event_schemas.activation_mail import ReviewAnswered
from event_schemas.registration import CodeRefusal

from .asking import HERE, THERE, presented, redeemed, refused, registered, someone, taken_back


async def waiting(room, answered_after=timedelta(0)):
    """A person, their request and the redeemed unit of an item that is held."""
    person = await someone(room)
    product = await person.product()
    request = await person.ask(person.item(product, product_address=THERE))
    unit = redeemed((await presented(room))[0])
    room.clock.advance(answered_after)
    await room.hear(unit)
    return person, request, unit


async def decide(room, request, deed, body, **more):
    item = request["items"][0]["item_id"]
    return await room.post(f"/activation-requests/{request['request_id']}/items/{item}/{deed}", body, **more)


@pytest.mark.requirement("ACT-05")
async def test_a_product_that_stands_elsewhere_is_held_with_both_addresses_side_by_side(room):
    person, request, unit = await waiting(room)
    (fact,) = await room.said()
    assert isinstance(fact, ActivationHeld)
    assert (fact.redemption_id, fact.site_number) == (unit.redemption_id, person.site_number)
    assert str(fact.request_id) == request["items"][0]["item_id"]
    assert THERE["street"] not in fact.model_dump_json()
    (item,) = await person.shown(request)
    assert (item["state"], item["activation_id"]) == ("held", None)
    assert item["review"] == {
        "site_address": HERE,
        "product_address": THERE,
        "differences": ["house_number", "box"],
        "released": None,
        "reviewed_at": None,
        "reason": None,
    }


@pytest.mark.requirement("ACT-05", "ALL-05")
async def test_an_address_that_is_at_fault_is_not_repeated_to_those_who_may_read_no_sites(room):
    person, street = await someone(room), "Kerkstraat " * 12
    request = await person.ask(person.item(await person.product(), product_address=HERE | {"street": street}))
    own, ops = request["items"][0]["problem"], ["files:all", "activations:read"]
    assert (own["pointer"], own["value"][:10]) == ("/items/0/product_address/street", "Kerkstraat")
    path = f"/activation-requests/{request['request_id']}"
    (item,) = (await room.get(path, scopes=ops)).json()["items"]
    assert item["problem"]["pointer"] == own["pointer"]
    assert "Kerkstraat" not in str(item)


@pytest.mark.requirement("ACT-05")
async def test_staff_find_what_is_held_and_how_long_it_waits(room):
    person, request, _ = await waiting(room, answered_after=timedelta(hours=1))
    room.clock.advance(timedelta(hours=30, minutes=59))
    found = (await room.get("/activation-requests?state=held&limit=200")).json()["items"]
    (item,) = next(one for one in found if one["request_id"] == request["request_id"])["items"]
    assert (item["waiting_since"], item["waiting_hours"]) == ("2026-11-22T10:00:00Z", 30)
    assert all(any(item["state"] == "held" for item in one["items"]) for one in found)
    own = (await person.get("/activation-requests?state=held")).json()["items"]
    assert [one["request_id"] for one in own] == [request["request_id"]]
    assert (await person.get("/activation-requests?state=activated")).json()["items"] == []


@pytest.mark.requirement("ACT-05")
async def test_a_released_one_starts_and_shows_who_looked_at_it(room):
    person, request, _ = await waiting(room)
    await room.said()
    room.clock.advance(timedelta(hours=2))
    answer = await decide(room, request, "release", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "activated")
    facts = await room.said()
    assert [type(fact) for fact in facts[:2]] == [ActivationReleased, ReviewAnswered]
    assert any(isinstance(fact, ServiceActivated) for fact in facts)
    (item,) = await person.shown(request)
    assert (item["state"], item["review"]["released"]) == ("activated", True)
    assert item["review"]["reviewed_at"] == "2026-11-22T11:00:00Z"


@pytest.mark.requirement("ACT-05")
async def test_a_refused_one_shows_the_reason_to_its_owner_and_gives_the_unit_back_once(room):
    person, request, unit = await waiting(room)
    await room.said()
    why = "The shop moved; register the new site"
    answers = await asyncio.gather(*(decide(room, request, "refusal", {"reason": why}) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    facts = await room.said()
    assert [type(fact) for fact in facts] == [ActivationRefused, ReviewAnswered]
    assert (facts[0].reason, facts[0].redemption_id) == ("address_not_confirmed", unit.redemption_id)
    assert why not in facts[0].model_dump_json()
    await room.hear(taken_back(unit, "activation_refused"))
    (item,) = await person.shown(request, language="nl")
    assert (item["state"], item["review"]["released"], item["review"]["reason"]) == ("refused", False, why)
    assert item["problem"]["code"] == "address-not-confirmed"
    assert why in item["problem"]["detail"]


@pytest.mark.requirement("ACT-05", "ACT-06")
async def test_a_service_that_is_held_is_not_asked_for_again_however_long_it_waits(room):
    person, request, _ = await waiting(room)
    await room.said()
    room.clock.advance(timedelta(days=40))
    again = person.item(await person.product(), product_id=request["items"][0]["product_id"])
    (item,) = (await person.ask(again))["items"]
    assert item["problem"]["code"] == "asked-already"
    assert request["request_id"] in item["problem"]["detail"]


@pytest.mark.requirement("ACT-06", "REG-06")
async def test_a_service_that_somebody_else_has_asked_for_is_refused_without_the_request_of_another(room):
    customer, dealer = await someone(room), await someone(room)
    product = await registered(room, customer_id=customer.contact, registered_by=dealer.subject)
    request = await customer.ask(customer.item(product))
    await room.said()
    assert (await dealer.get(f"/activation-requests/{request['request_id']}")).status_code == 404
    for language in ("en", "fr", "nl"):
        answer = await dealer.ask(dealer.item(product), language=language)
        (item,) = answer["items"]
        assert item["problem"]["code"] == "asked-already-by-others"
        assert request["request_id"] not in str(answer)
    (item,) = (await customer.ask(customer.item(product)))["items"]
    assert (item["problem"]["code"], request["request_id"] in item["problem"]["detail"]) == ("asked-already", True)


@pytest.mark.requirement("ACT-14")
async def test_a_held_one_whose_registration_is_cancelled_is_over(room):
    person, request, unit = await waiting(room)
    await room.said()
    await room.hear(taken_back(unit))
    (item,) = await person.shown(request)
    assert (item["state"], item["waiting_since"]) == ("cancelled", None)
    assert (await decide(room, request, "release", {})).status_code == 409
    assert await room.said() == []


@pytest.mark.requirement("ACT-02")
@pytest.mark.parametrize("reason", list(CodeRefusal))
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
async def test_every_reason_why_a_code_is_refused_is_said_in_the_readers_language(room, reason, language):
    person = await someone(room)
    request = await person.ask(person.item(await person.product()))
    (code,) = await presented(room)
    await room.hear(refused(code, reason))
    (item,) = await person.shown(request, language=language)
    problem = item["problem"]
    assert (item["state"], item["waiting_since"]) == ("refused", None)
    assert problem["code"] != "code-refused"
    assert problem["title"] not in ("", problem["code"])
    assert "?" not in problem["detail"].replace(" ?", "")
    assert "{" not in problem["detail"]
    assert code.code not in (await person.get(f"/activation-requests/{request['request_id']}")).text
    choice = reason in (CodeRefusal.OTHER_SERVICE, CodeRefusal.MODEL_NOT_COVERED)
    assert (item["applicable_offers"] is not None) == choice


@pytest.mark.requirement("ACT-02")
async def test_a_reason_that_registration_adds_later_is_said_as_a_refusal_all_the_same(room):
    person = await someone(room)
    request = await person.ask(person.item(await person.product()))
    await room.hear(refused((await presented(room))[0], "moon_too_full"))
    (item,) = await person.shown(request)
    assert (item["state"], item["problem"]["code"]) == ("refused", "code-refused")


@pytest.mark.requirement("ACT-06")
async def test_a_code_that_registration_refuses_since_the_product_is_covered_shows_what_covers_it(room):
    person = await someone(room)
    product = await person.product()
    request = await person.ask(person.item(product))
    (code,) = await presented(room)
    await room.hear(redeemed(code, request_id=None))  # by the form, a moment before
    activated = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    await room.hear(refused(code, "already_covered"))
    (item,) = await person.shown(request)
    assert item["problem"]["code"] == "already-covered"
    assert UUID(item["running"]["activation_id"]) == activated.activation_id


@pytest.mark.requirement("ACT-02")
async def test_an_answer_that_comes_after_weeks_is_applied_all_the_same(room):
    person = await someone(room)
    request = await person.ask(person.item(await person.product()))
    (code,) = await presented(room)
    room.clock.advance(timedelta(days=20))
    (item,) = await person.shown(request)
    assert (item["state"], item["waiting_hours"]) == ("presented", 480)
    await room.hear(redeemed(code))
    (item,) = await person.shown(request)
    assert item["state"] == "activated"


@pytest.mark.requirement("ACT-02", "ACT-14")
async def test_answers_heard_again_or_the_wrong_way_round_leave_what_came_of_it(room):
    person = await someone(room)
    request = await person.ask(person.item(await person.product()))
    (code,) = await presented(room)
    unit = redeemed(code)
    for event in (taken_back(unit), unit, taken_back(unit), unit):
        await room.hear(event)
    (item,) = await person.shown(request)
    assert item["state"] == "cancelled"
    await room.hear(refused(code, "unknown"))
    assert (await person.shown(request))[0]["state"] == "cancelled"


async def test_an_answer_to_a_request_that_nobody_made_changes_nothing(room):
    person = await someone(room)
    await person.ask(person.item(await person.product()))
    (code,) = await presented(room)
    await room.hear(refused(code.model_copy(update={"request_id": code.product_id}), "unknown"))
    assert await room.said() == []


@pytest.mark.requirement("ACT-05")
async def test_what_is_over_is_not_held_any_more(room):
    person = await someone(room)
    request = await person.ask(person.item(await person.product(), product_address=THERE))
    (code,) = await presented(room)
    await room.hear(refused(code, "lapsed"))
    async with room.database.transaction(Cause("test")) as tx:
        item = await item_of(code.request_id, tx)
        assert await hold(item, redeemed(code), tx) is None
    assert (await person.shown(request))[0]["state"] == "refused"


@pytest.mark.requirement("ACT-02")
async def test_a_request_that_is_unchanged_is_not_sent_again(room):
    person = await someone(room)
    request = await person.ask(person.item(await person.product()))
    path = f"/activation-requests/{request['request_id']}"
    tag = (await person.get(path)).headers["ETag"]
    token = {"Authorization": (await person.get(path)).request.headers["Authorization"], "If-None-Match": tag}
    assert (await room.client.get(path, headers=token)).status_code == 304
    await room.hear(refused((await presented(room))[0], "used_up"))
    assert (await room.client.get(path, headers=token)).status_code == 200

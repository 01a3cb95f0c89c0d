"""Services are asked for by code: what goes on, what is refused at once and why (rows L02 to L16)."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from tests.support.waiting import until

from activation_service.activations.handlers import hold_product
from chassis.database import Cause
from event_schemas.activation import ServiceActivated
from event_schemas.registration_cases import MoveExecuted

from .asking import HERE, ONE_YEAR, THREE_YEARS, Person, at, presented, redeemed, registered, someone


async def refusal(room, person, item, **more):
    """The problem of an item that is refused at once; nothing is said to registration."""
    (answer,) = (await person.ask(item, **more))["items"]
    assert (answer["state"], await presented(room)) == ("refused", [])
    return answer["problem"], answer


@pytest.mark.requirement("ACT-02")
async def test_a_code_for_a_registered_product_goes_to_registration_and_the_service_starts(room):
    person = await someone(room)
    product = await person.product()
    item = person.item(product)
    answer = await person.post("/activation-requests", {"brand": "d-link", "items": [item]})
    assert answer.status_code == 202
    request = answer.json()
    assert answer.headers["Location"] == f"/activation-requests/{request['request_id']}"
    (shown,) = request["items"]
    assert (shown["state"], shown["terms_version"], shown["problem"]) == ("presented", "2026-01", None)
    (code,) = await presented(room)
    assert code.model_dump(mode="json") == {
        "brand": "d-link",
        "request_id": shown["item_id"],
        "product_id": str(product.product_id),
        "serial": product.serial,
        "customer_id": str(person.contact),
        "service_reference": THREE_YEARS,
        "code": item["code"],
        "purchased_on": "2026-11-20",
        "presented_at": "2026-11-22T09:00:00Z",
        "owner": person.subject,
        "organisation_id": None,
    }
    await room.hear(redeemed(code))
    activated = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    told = (activated.terms_version, activated.site_number, activated.request_id, activated.product_id)
    assert told == ("2026-01", person.site_number, code.request_id, product.product_id)
    (after,) = await person.shown(request)
    assert (after["state"], after["activation_id"]) == ("activated", str(activated.activation_id))
    assert (after["terms_accepted_at"], after["waiting_since"]) == ("2026-11-22T09:00:00Z", None)
    # events and mails name the item
    assert await person.shown({"request_id": shown["item_id"]}) == [after]


@pytest.mark.requirement("ACT-02")
async def test_a_product_may_be_named_by_its_serial_number_typed_in_any_case(room):
    person = await someone(room)
    product = await person.product()
    (item,) = (await person.ask(person.item(product, product_id=None, serial=product.serial.lower())))["items"]
    assert (item["state"], item["product_id"]) == ("presented", str(product.product_id))


@pytest.mark.requirement("ACT-02")
async def test_a_product_that_is_not_registered_or_anothers_is_refused_alike(room):
    person = await someone(room)
    other = await registered(room)
    for named in ({"product_id": str(uuid4())}, {"product_id": str(other.product_id)}):
        problem, item = await refusal(room, person, person.item(other, **named))
        assert (problem["code"], problem["pointer"]) == ("product-not-registered", "/items/0/product_id")
        assert (item["serial"], item["model"], item["product_id"]) == (None, None, None)
    problem, _ = await refusal(room, person, person.item(other, product_id=None, serial=other.serial))
    assert (problem["code"], problem["pointer"]) == ("product-not-registered", "/items/0/serial")
    assert other.serial in problem["detail"]


@pytest.mark.requirement("ACT-02")
async def test_the_terms_have_to_be_accepted_in_their_present_version(room):
    person = await someone(room)
    product = await person.product()
    problem, _ = await refusal(room, person, person.item(product, terms_version=None))
    assert (problem["code"], problem["accepted"]) == ("terms-not-accepted", "2026-01")
    problem, _ = await refusal(room, person, person.item(product, terms_version="2025-07"), language="nl")
    assert (problem["code"], problem["value"], problem["accepted"]) == ("terms-outdated", "2025-07", "2026-01")
    assert problem["pointer"] == "/items/0/terms_version"
    assert "aanvaard die versie" in problem["detail"]


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize(
    ("day", "time", "purchased_on", "state"),
    [
        ("2027-02-20", "00:00", "2026-11-22", "presented"),
        ("2027-02-20", "23:59", "2026-11-22", "presented"),
        ("2027-02-21", "00:00", "2026-11-22", "refused"),
        ("2027-03-28", "23:59", "2026-12-28", "presented"),  # the day on which the clocks go forward
        ("2027-03-29", "00:00", "2026-12-28", "refused"),
        ("2027-10-31", "23:59", "2027-08-02", "presented"),  # the day on which they go back
        ("2027-11-01", "00:00", "2027-08-02", "refused"),
        ("2028-02-29", "23:59", "2027-12-01", "presented"),
        ("2028-03-01", "00:00", "2027-12-01", "refused"),
    ],
)
async def test_a_code_can_be_used_to_the_end_of_the_ninetieth_day_where_the_brand_is(
    room, day, time, purchased_on, state
):
    person = await someone(room)
    product = await person.product()
    at(room, day, time)
    (item,) = (await person.ask(person.item(product, purchased_on=purchased_on)))["items"]
    assert item["state"] == state
    if state == "refused":
        assert (item["problem"]["code"], item["problem"]["pointer"]) == ("code-too-old", "/items/0/purchased_on")
        assert "90" in item["problem"]["detail"]


@pytest.mark.requirement("ACT-03")
async def test_a_service_cannot_have_been_bought_tomorrow_as_the_brands_calendar_goes(room):
    person = await someone(room)
    product = await person.product()
    at(room, "2026-11-23", "00:30")  # still the 22nd in UTC
    problem, _ = await refusal(room, person, person.item(product, purchased_on="2026-11-24"))
    assert (problem["code"], problem["accepted"]) == ("purchase-in-future", "≤ 2026-11-23")
    (item,) = (await person.ask(person.item(product, purchased_on="2026-11-23")))["items"]
    assert item["state"] == "presented"


@pytest.mark.requirement("ACT-04")
async def test_an_offer_that_is_not_for_the_model_is_refused_with_those_that_are(room):
    person = await someone(room)
    product = await person.product(model="DES-1210-52")
    problem, item = await refusal(room, person, person.item(product, service_reference=ONE_YEAR), language="fr")
    assert (problem["code"], problem["accepted"]) == ("offer-not-applicable", [THREE_YEARS])
    name = "D-Link Assist 3 ans, jour ouvré suivant"
    assert item["applicable_offers"] == [{"reference": THREE_YEARS, "name": name, "terms_version": "2026-01"}]
    problem, item = await refusal(room, person, person.item(product, service_reference="DAS-Z"))
    assert (problem["code"], [one["reference"] for one in item["applicable_offers"]]) == (
        "offer-unknown",
        [THREE_YEARS],
    )


@pytest.mark.requirement("ACT-06")
async def test_a_product_that_has_the_service_is_refused_with_the_running_one(room):
    person = await someone(room)
    product = await person.product()
    await person.ask(person.item(product))
    await room.hear(redeemed((await presented(room))[0]))
    activated = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    problem, item = await refusal(room, person, person.item(product))
    assert problem["code"] == "already-covered"
    assert item["running"] == {
        "activation_id": str(activated.activation_id),
        "state": "in_setup",
        "activated_at": "2026-11-22T09:00:00Z",
        "operational_at": activated.operational_at.isoformat().replace("+00:00", "Z"),
        "ends_on": "2029-11-21",
        "contract_number": activated.contract_number,
    }
    (other,) = (await person.ask(person.item(product, service_reference=ONE_YEAR)))["items"]
    assert other["state"] == "presented"


@pytest.mark.requirement("ACT-05")
async def test_a_site_that_is_unknown_anothers_closed_or_another_brands_is_refused(room):
    person, other = await someone(room), await someone(room)
    product = await person.product()
    closed, elsewhere = person.site_number, Person(room, person.subject, person.contact)
    await elsewhere.site(brand="dynabook")
    assert (await person.post(f"/sites/{closed}/closing", {})).status_code == 200
    for number, code in (
        ("S-2222-2222", "site-unknown"),
        (other.site_number, "site-unknown"),
        (elsewhere.site_number, "site-unknown"),
        (closed, "site-closed"),
    ):
        problem, _ = await refusal(room, person, person.item(product, site_number=number))
        assert (problem["code"], problem["pointer"], problem["value"]) == (code, "/items/0/site_number", number)


@pytest.mark.requirement("ACT-02")
async def test_several_products_have_an_outcome_each(room):
    person = await someone(room)
    products = [await person.product() for _ in range(4)]
    one_code = person.item(products[0])["code"]
    items = [
        person.item(products[0], code=one_code),
        person.item(products[1], terms_version=None),
        person.item(products[2], code=one_code),
        person.item(products[3], code="no"),
        person.item(products[0], service_reference=ONE_YEAR),
        person.item(products[0]),
    ]
    request = await person.ask(*items)
    outcomes = [(item["position"], item["state"], (item["problem"] or {}).get("code")) for item in request["items"]]
    assert outcomes == [
        (0, "presented", None),
        (1, "refused", "terms-not-accepted"),
        (2, "presented", None),
        (3, "refused", "code-malformed"),
        (4, "presented", None),
        (5, "refused", "named-twice"),
    ]
    assert (request["presented"], request["refused"]) == (3, 3)
    codes = await presented(room)
    assert [code.request_id for code in codes] == [UUID(request["items"][place]["item_id"]) for place in (0, 2, 4)]
    assert {code.code for code in codes[:2]} == {one_code}
    assert request["items"][5]["problem"]["pointer"] == "/items/5/service_reference"


@pytest.mark.requirement("ACT-02")
async def test_fifty_products_are_asked_for_at_once_and_fifty_one_are_too_many(room):
    person = await someone(room)
    items = [person.item(await person.product()) for _ in range(50)]
    request = await person.ask(*items)
    assert request["presented"] == 50
    assert len(await presented(room)) == 50
    answer = await person.post("/activation-requests", {"brand": "d-link", "items": [*items, items[0]]})
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-items")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/items"]


async def several_wait(room):
    """Whether transactions of this room wait for each other."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND {here}"
    return await room.database.pool.fetchval(waiting) > 1


@pytest.mark.requirement("ACT-02")
async def test_the_same_service_asked_for_twelve_times_at_once_presents_one_code(room):
    person = await someone(room)
    product = await person.product()
    async with room.database.transaction(Cause("test")) as tx:
        await hold_product(product.product_id, tx)
        asking = [asyncio.create_task(person.ask(person.item(product))) for _ in range(12)]
        await until(partial(several_wait, room), "a second request at the product's lock")
    asked = await asyncio.gather(*asking)
    states = sorted(request["items"][0]["state"] for request in asked)
    assert states == ["presented", *["refused"] * 11]
    assert len(await presented(room)) == 1
    assert {(one["items"][0]["problem"] or {"code": ""})["code"] for one in asked} == {"", "asked-already"}


@pytest.mark.requirement("ACT-02")
async def test_an_unanswered_code_stands_in_nobodys_way_after_a_day(room):
    person = await someone(room)
    product = await person.product()
    first = await person.ask(person.item(product))
    room.clock.advance(timedelta(hours=23, minutes=59))
    problem, _ = await refusal_after(room, person, product)
    assert first["request_id"] in problem["detail"]
    room.clock.advance(timedelta(minutes=1))
    (again,) = (await person.ask(person.item(product)))["items"]
    assert again["state"] == "presented"


async def refusal_after(room, person, product):
    await room.said()
    return await refusal(room, person, person.item(product))


@pytest.mark.requirement("ACT-05", "REG-18")
async def test_a_product_that_moved_to_another_country_than_its_site_is_to_be_looked_at(room):
    person = await someone(room)
    product = await person.product()
    told = product.model_dump(include={"brand", "product_id", "serial", "model", "customer_id"})
    move = {"move_id": uuid4(), "from_country": "BE", "to_country": "FR", "executed_on": "2026-11-21"}
    await room.hear(MoveExecuted.model_validate(told | move))
    (item,) = (await person.ask(person.item(product)))["items"]
    assert item["review"]["differences"] == ["country"]
    assert (item["review"]["site_address"], item["review"]["product_address"]) == (HERE, HERE)


@pytest.mark.requirement("ACT-02")
async def test_a_dealers_member_asks_for_a_customers_product_and_the_customer_sees_that_item_only(room):
    organisation, customer = str(uuid4()), Person(room)
    claims = {"sub": "dealer", "contact": str(uuid4()), "organisation": organisation}
    scopes = ["activations:read", "activations:write", "sites:write", "files:organisation"]
    site = await room.post("/sites", {"brand": "d-link", "name": "Shop", "address": HERE}, scopes=scopes, claims=claims)
    files = {"registered_by": f"dealer@{organisation}", "organisation_id": organisation}
    products = [await registered(room, customer_id=who, **files) for who in (customer.contact, uuid4())]
    items = [customer.item(product, site_number=site.json()["site_number"]) for product in products]
    body = {"brand": "d-link", "items": items}
    request = (await room.post("/activation-requests", body, scopes=scopes, claims=claims)).json()
    assert [item["state"] for item in request["items"]] == ["presented", "presented"]
    shown = await customer.shown(request)
    assert [item["product_id"] for item in shown] == [str(products[0].product_id)]
    stranger = await Person(room).get(f"/activation-requests/{request['request_id']}")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not-found")

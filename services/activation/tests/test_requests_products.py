"""What a product has, had and can have; and pages of requests."""

from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ServiceActivated
from event_schemas.registration_cases import ProductTransferred

from .asking import OWN_SCOPES, THREE_YEARS, Person, presented, redeemed, someone


async def activated(room, person, product, **changes):
    await person.ask(person.item(product, **changes))
    unit = redeemed((await presented(room))[0])
    await room.hear(unit)
    return unit, next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))


@pytest.mark.requirement("ACT-04", "ACT-06")
async def test_a_product_is_shown_with_its_services_and_the_offers_that_are_for_it(room):
    person = await someone(room)
    product = await person.product()
    _, fact = await activated(room, person, product)
    answer = await person.get(f"/products/{product.product_id}", language="nl")
    shown = answer.json()
    assert {name: shown[name] for name in ("serial", "model", "purchased_on", "warranty_ends_on", "country")} == {
        "serial": product.serial,
        "model": "DGS-3630-28TC",
        "purchased_on": "2026-11-01",
        "warranty_ends_on": "2028-10-31",
        "country": None,
    }
    (service,) = shown["services"]
    assert service == {
        "activation_id": str(fact.activation_id),
        "service_reference": THREE_YEARS,
        "service_name": "D-Link Assist 3 jaar, volgende werkdag",
        "state": "in_setup",
        "running": True,
        "activated_at": "2026-11-22T09:00:00Z",
        "operational_at": fact.operational_at.isoformat().replace("+00:00", "Z"),
        "ends_on": "2029-11-21",
        "contract_number": fact.contract_number,
        "site_number": person.site_number,
    }
    offers = [(one["reference"], one["already_running"], one["terms_version"]) for one in shown["applicable_offers"]]
    assert offers == [(THREE_YEARS, True, "2026-01"), ("DAS-C-12", False, "2026-01")]
    assert shown["applicable_offers"][0]["code_days"] == 90
    token = {"Authorization": answer.request.headers["Authorization"], "Accept-Language": "nl"}
    token["If-None-Match"] = answer.headers["ETag"]
    assert (await room.client.get(f"/products/{product.product_id}", headers=token)).status_code == 304


@pytest.mark.requirement("ACT-06")
async def test_a_service_that_is_over_is_shown_and_the_offer_can_be_had_again(room):
    person = await someone(room)
    product = await person.product()
    await activated(room, person, product)
    room.clock.advance(timedelta(days=3 * 366))
    shown = (await person.get(f"/products/{product.product_id}")).json()
    assert [service["running"] for service in shown["services"]] == [False]
    assert [offer["already_running"] for offer in shown["applicable_offers"]] == [False, False]


@pytest.mark.requirement("ACT-06", "REG-06")
async def test_a_buyer_of_a_used_product_does_not_see_what_the_seller_had(room):
    person, buyer = await someone(room), Person(room)
    product = await person.product()
    unit, _ = await activated(room, person, product)
    sale = {
        **product.model_dump(include={"brand", "product_id", "serial", "model"}),
        "transfer_id": uuid4(),
        "kind": "sale",
        "from_customer_id": person.contact,
        "to_customer_id": buyer.contact,
        "transferred_on": "2026-11-22",
        "last_billable_on": "2026-11-22",
        "redemption_ids": (unit.redemption_id,),
        "registered_by": buyer.subject,
    }
    await room.hear(ProductTransferred.model_validate(sale))
    path = f"/products/{product.product_id}"
    assert (await person.get(path)).status_code == 404
    assert (await buyer.get(path)).json()["services"] == []
    staff = (await room.get(path)).json()
    assert [service["service_reference"] for service in staff["services"]] == [THREE_YEARS]


@pytest.mark.requirement("ACT-06", "REG-06")
async def test_an_unknown_product_and_anothers_are_answered_alike(room):
    person, other = await someone(room), Person(room)
    theirs = await other.product()
    answers = [await person.get(f"/products/{one}") for one in (uuid4(), theirs.product_id)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not-found")] * 2
    foreign = await room.get(f"/products/{theirs.product_id}", claims={"brand": "ibm"})
    assert foreign.status_code == 404


@pytest.mark.requirement("ACT-02")
async def test_requests_are_listed_newest_first_without_gap_or_repetition(room):
    person = await someone(room)
    asked = []
    for number in range(7):
        asked.append((await person.ask(person.item(await person.product())))["request_id"])
        if number % 2:  # pairs share one moment, so that the id has to tell them apart
            room.clock.advance(timedelta(seconds=1))
    seen, cursor = [], ""
    while cursor is not None:
        page = (await person.get(f"/activation-requests?limit=3{cursor}")).json()
        seen += [(one["requested_at"], one["request_id"]) for one in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert sorted(request_id for _, request_id in seen) == sorted(asked)
    assert seen == sorted(seen, reverse=True)


@pytest.mark.requirement("ACT-02")
async def test_requests_are_found_by_brand_and_serial_number(room):
    person = await someone(room)
    product = await person.product()
    request = await person.ask(person.item(await person.product()), person.item(product))
    for query, found in (
        (f"serial={product.serial.lower()}", 1),
        (f"serial={product.serial}&state=presented", 1),
        (f"serial={product.serial}&state=held", 0),
        (f"serial={product.serial}&brand=ibm", 0),
        ("brand=d-link", 1),
    ):
        items = (await person.get(f"/activation-requests?{query}")).json()["items"]
        assert [one["request_id"] for one in items] == [request["request_id"]] * found
        assert all(len(one["items"]) == 2 for one in items)
    other = await room.get("/activation-requests", scopes=OWN_SCOPES, claims={**person.claims, "brand": "ibm"})
    assert other.json()["items"] == []


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("brand=nobody", "brand-unknown", "/brand"),
        ("state=lost", "fields-not-acceptable", "/query/state"),
        ("serial=%00", "fields-not-acceptable", "/query/serial"),
        ("cursor=nonsense", "cursor-malformed", "/cursor"),
    ],
)
async def test_a_wrong_question_about_requests_names_the_field(room, query, code, pointer):
    answer = await room.get(f"/activation-requests?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.requirement("ACT-02", "ACT-04")
async def test_an_offer_that_changes_is_judged_as_it_stands_and_one_off_sale_can_still_be_activated(room):
    path, scopes = f"/offers/{THREE_YEARS}", ["offers:write"]
    person = await someone(room)
    changes = {"brand": "d-link", "countries": ["FR", "LU"], "terms_version": "2027-01"}
    assert (await room.post(f"{path}/changes", changes, scopes=scopes)).status_code == 200
    try:
        old = person.item(await person.product())
        problem = (await person.ask(old))["items"][0]["problem"]
        assert (problem["code"], problem["accepted"]) == ("terms-outdated", "2027-01")
        new = {**old, "terms_version": "2027-01"}
        problem = (await person.ask(new))["items"][0]["problem"]
        assert (problem["code"], problem["value"], problem["accepted"]) == ("not-given-there", "BE", ["FR", "LU"])
        everywhere = {"brand": "d-link", "countries": None}
        assert (await room.post(f"{path}/changes", everywhere, scopes=scopes)).status_code == 200
        assert (await room.post(f"{path}/withdrawal", {"brand": "d-link"}, scopes=scopes)).status_code == 200
        (item,) = (await person.ask(new))["items"]
        assert (item["state"], item["terms_version"], item["problem"]) == ("presented", "2027-01", None)
        shown = (await person.get(f"/products/{old['product_id']}")).json()
        offers = [(one["terms_version"], one["on_sale"]) for one in shown["applicable_offers"]]
        assert offers == [("2027-01", False), ("2026-01", True)]
    finally:
        await room.database.pool.execute("DELETE FROM offers")
        await room.said()

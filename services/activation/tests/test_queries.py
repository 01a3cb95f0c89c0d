"""What is active, and what can be bought, over HTTP."""

from datetime import timedelta

import pytest

from .facts import of_services


@pytest.mark.requirement("ACT-01")
async def test_an_activation_is_shown_with_its_validity_dates(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    (fact,) = await of_services(room)
    scopes = ["activations:read", "files:all"]
    answer = await room.get(f"/activations?serial={unit.serial}&brand=dynabook", scopes=scopes, language="fr")
    assert answer.status_code == 200
    item = {
        "activation_id": str(fact.activation_id),
        "brand": "dynabook",
        "product_id": str(unit.product_id),
        "serial": unit.serial,
        "model": "PT5B1E-0K601",
        "customer_id": str(unit.customer_id),
        "service_reference": "PPCP013FR-VGAD",
        "service_name": "Pack Pro Connect 3 ans",
        "response_level": "on-site-next-business-day",
        "state": "in_setup",
        "activated_at": "2026-11-22T09:00:00Z",
        "starts_on": "2026-11-22",
        "operational_at": "2026-11-24T09:00:00Z",
        "ends_on": "2029-11-21",
        "ended_on": None,
        "site_number": None,
        "contract_id": str(fact.contract_id),
        "contract_number": fact.contract_number,
        "terms_version": None,
        "request_id": None,
    }
    assert answer.json() == {"items": [item], "next_cursor": None}
    one = await room.get(f"/activations/{fact.activation_id}", scopes=scopes, language="en")
    assert one.json() == item | {"service_name": "Pack Pro Connect 3 years"}


async def test_pages_follow_each_other_newest_first_without_gap_or_repetition(room, redeemed):
    known = [redeemed(brand="ibm", service_reference="SPAC-ONSITE-36", model="9009-42A") for _ in range(7)]
    for number, unit in enumerate(known):
        await room.hear(unit)
        if number % 2:  # pairs share one moment, so that the id has to tell them apart
            room.clock.advance(timedelta(seconds=1))
    seen, cursor = [], ""
    while cursor is not None:
        page = (await room.get(f"/activations?brand=ibm&limit=3{cursor}")).json()
        seen += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert sorted(item["serial"] for item in seen) == sorted(unit.serial for unit in known)
    places = [(item["activated_at"], item["activation_id"]) for item in seen]
    assert places == sorted(places, reverse=True)


async def test_a_serial_of_another_brand_is_not_shown_under_this_one(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    assert (await room.get(f"/activations?serial={unit.serial}&brand=ibm")).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("/activations?brand=nobody", "brand-unknown", "/brand"),
        ("/offers?brand=nobody", "brand-unknown", "/brand"),
        ("/offers", "fields-not-acceptable", "/query/brand"),
        ("/activations?cursor=nonsense", "cursor-malformed", "/cursor"),
        ("/activations?limit=0", "fields-not-acceptable", "/query/limit"),
        ("/activations?serial=%00", "fields-not-acceptable", "/query/serial"),
    ],
)
async def test_a_wrong_question_is_answered_with_the_field_at_fault(room, query, code, pointer):
    answer = await room.get(query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["/activations", "/offers?brand=dynabook"])
async def test_a_token_without_the_scope_sees_nothing(room, path):
    answer = await room.get(path, scopes=["credits:read"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


async def test_the_offers_of_a_brand_are_listed_and_those_for_a_model_alone(room):
    every = (await room.get("/offers?brand=dynabook")).json()
    fitting = (await room.get("/offers?brand=dynabook&model=PT5B1E-0K601")).json()
    assert [item["reference"] for item in every["items"]] == ["PPCP013FR-VGAD", "EXT2FR-X40"]
    assert [item["reference"] for item in fitting["items"]] == ["PPCP013FR-VGAD"]
    (item,) = fitting["items"]
    assert (item["duration_months"], item["models"]) == (36, ["PT*", "X*", "A*"])

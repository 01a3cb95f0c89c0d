"""A service is given where its product stands, or nobody says where (ACT-05)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ServiceActivated, SiteAssigned

from .asking import HERE, OWN_SCOPES, THERE, Person, someone, taken_back
from .test_reviews import moved

WRITTEN_OTHERWISE = HERE | {"street": "KERKSTR. 12, bte 3", "city": "Gand"}


async def active(room, redeemed, person=None):
    """A person's running service that was activated by a form, which says no site."""
    person = person or await someone(room)
    unit = redeemed(brand="d-link", service_reference="DAS-A-36", model="DGS-3630-28TC", customer_id=person.contact)
    await room.hear(unit)
    started = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    assert started.site_number is None
    return person, unit, f"/activations/{started.activation_id}"


def at_site(number, address=HERE):
    return {"site_number": number, "product_address": address}


@pytest.mark.requirement("ACT-05")
@pytest.mark.parametrize("address", [HERE, WRITTEN_OTHERWISE])
async def test_a_service_without_a_site_gets_one_whose_address_is_that_of_its_product(room, redeemed, address):
    person, unit, path = await active(room, redeemed)
    answer = await person.post(f"{path}/site", at_site(person.site_number.lower(), address))
    assert (answer.status_code, answer.json()["site_number"]) == (200, person.site_number)
    (fact,) = await room.said()
    assert (type(fact), fact.site_number, fact.product_id) == (SiteAssigned, person.site_number, unit.product_id)
    assert "Kerkstraat" not in fact.model_dump_json()
    await person.post(f"{path}/site", at_site(person.site_number, address))
    assert await room.said() == []
    found = (await person.get(f"/activations?site_number={person.site_number}")).json()["items"]
    assert [one["serial"] for one in found] == [unit.serial]


@pytest.mark.requirement("ACT-05")
async def test_an_address_that_is_not_the_sites_is_refused_with_both_side_by_side(room, redeemed):
    person, _, path = await active(room, redeemed)
    answer = await person.post(f"{path}/site", at_site(person.site_number, THERE), language="nl")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "address-differs")
    assert (told["details"]["site_address"], told["details"]["product_address"]) == (HERE, THERE)
    assert told["errors"][0]["pointer"] == "/product_address"
    assert "Kerkstraat 14" in told["detail"]
    assert "Kerkstraat 12 bus 3" in told["detail"]
    assert (await person.get(path)).json()["site_number"] is None
    assert await room.said() == []


@pytest.mark.requirement("ACT-05", "REG-18")
async def test_a_product_that_has_moved_abroad_has_no_site_in_the_former_country(room, redeemed):
    person, unit, path = await active(room, redeemed)
    product = await person.product(product_id=unit.product_id, serial=unit.serial)
    await room.hear(moved(unit))
    answer = await person.post(f"{path}/site", at_site(person.site_number))
    assert (answer.json()["code"], answer.json()["details"]["differences"]) == ("address-differs", "country")
    assert product.customer_id == person.contact


@pytest.mark.requirement("ACT-05", "REG-18")
@pytest.mark.parametrize(("executed_on", "kept"), [("2029-11-22", True), ("2029-11-21", False)])
async def test_a_move_leaves_the_site_of_a_service_that_was_over_by_then(room, redeemed, executed_on, kept):
    person, unit, path = await active(room, redeemed)
    assert (await person.post(f"{path}/site", at_site(person.site_number))).status_code == 200
    assert (await person.get(path)).json()["ends_on"] == "2029-11-21"
    await room.said()
    room.clock.advance(timedelta(days=3 * 366))
    await room.hear(moved(unit, executed_on=executed_on))
    assert (await person.get(path)).json()["site_number"] == (person.site_number if kept else None)
    cleared = [fact.site_number for fact in await room.said() if isinstance(fact, SiteAssigned)]
    assert cleared == ([] if kept else [None])


@pytest.mark.requirement("ACT-05", "ALL-06")
async def test_another_accounts_site_a_closed_one_and_one_of_another_brand_are_refused(room, redeemed):
    person, _, path = await active(room, redeemed)
    other, ibm = await someone(room), Person(room, person.subject, person.contact)
    await ibm.site(brand="ibm")
    for number in (other.site_number, ibm.site_number, "S-2222-2222"):
        answer = await person.post(f"{path}/site", at_site(number))
        assert (answer.status_code, answer.json()["code"]) == (422, "site-unknown")
        assert answer.json()["errors"][0]["pointer"] == "/site_number"
    await person.post(f"/sites/{person.site_number}/closing", {})
    shut = await person.post(f"{path}/site", at_site(person.site_number))
    assert (shut.status_code, shut.json()["code"]) == (409, "site-closed")
    assert (await other.post(f"{path}/site", at_site(other.site_number))).status_code == 404
    assert (await other.post(f"/activations/{uuid4()}/site", at_site(other.site_number))).status_code == 404


@pytest.mark.requirement("ACT-05", "ACT-04")
async def test_a_site_in_a_country_where_the_service_is_not_given_is_refused(room, redeemed):
    person, _, path = await active(room, redeemed)
    change = "/offers/DAS-A-36/changes"
    assert (await room.post(change, {"brand": "d-link", "countries": ["FR", "LU"]})).status_code == 200
    await room.said()
    try:
        told = (await person.post(f"{path}/site", at_site(person.site_number))).json()
    finally:
        await room.post(change, {"brand": "d-link", "countries": None})
    (error,) = told["errors"]
    assert (told["status"], told["code"], error["pointer"]) == (409, "not-given-there", "/site_number")
    assert (error["value"], error["accepted"]) == ("BE", ["FR", "LU"])
    assert "BE" in told["detail"]
    assert (await person.get(path)).json()["site_number"] is None


@pytest.mark.requirement("ACT-05")
async def test_a_service_that_is_over_or_cancelled_gets_no_site(room, redeemed):
    person, unit, path = await active(room, redeemed)
    await room.hear(taken_back(unit))
    assert (await person.post(f"{path}/site", at_site(person.site_number))).json()["code"] == "activation-over"
    person, unit, path = await active(room, redeemed, person)
    room.clock.advance(timedelta(days=3 * 366))
    assert (await person.post(f"{path}/site", at_site(person.site_number))).json()["code"] == "activation-over"


@pytest.mark.requirement("ACT-05", "ALL-02")
async def test_twenty_who_name_the_same_site_at_once_are_heard_once(room, redeemed):
    person, _, path = await active(room, redeemed)
    body = at_site(person.site_number)
    answers = await asyncio.gather(*(person.post(f"{path}/site", body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert [type(fact) for fact in await room.said()] == [SiteAssigned]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"site_number": "S-2222-2222"}, "/product_address"),
        ({"product_address": HERE}, "/site_number"),
        (at_site("S-2222-2222", HERE | {"country": "Belgium"}), "/product_address/country"),
        (at_site("S-2222-2222", HERE | {"street": ""}), "/product_address/street"),
        (at_site("S-2222-2222") | {"note": "x"}, "/note"),
    ],
)
async def test_a_malformed_site_is_answered_with_the_field_at_fault(room, body, pointer):
    answer = await room.post(f"/activations/{uuid4()}/site", body, scopes=OWN_SCOPES)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

"""Activated services are found by whoever may see them, by product, site, contract, state and day (ACT-08)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.registration import ProductRegistered

from .facts import of_services
from .test_activations import taken_back
from .test_transfers import LAST, transferred

READ = ["activations:read"]
ORGANISATION = uuid4()


@pytest.fixture
async def shelf_of_services(room, redeemed):
    """One operational, one ended, one cancelled and one in set-up, each for another product of one customer."""
    customer = uuid4()
    ibm = {"brand": "ibm", "model": "9009-42A", "customer_id": customer, "service_reference": "SPAC-ONSITE-36"}
    running, ended, cancelled = (redeemed(**ibm) for _ in range(3))
    for unit in (running, ended, cancelled):
        await room.hear(unit)
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    await room.hear(transferred(ended, last_billable_on=LAST))
    await room.hear(taken_back(cancelled))
    fresh = redeemed(**ibm | {"service_reference": "SPAC-MAILIN-12"})
    await room.hear(fresh)
    units = {"operational": running, "ended": ended, "cancelled": cancelled, "in_setup": fresh}
    return customer, units


async def serials(room, query, **who) -> set[str]:
    answer = await room.get(f"/activations?{query}", **who)
    assert answer.status_code == 200, answer.text
    return {item["serial"] for item in answer.json()["items"]}


@pytest.mark.requirement("ACT-08")
@pytest.mark.parametrize("state", ["operational", "ended", "cancelled", "in_setup"])
async def test_services_are_found_by_state(room, shelf_of_services, state):
    customer, units = shelf_of_services
    assert await serials(room, f"customer_id={customer}&state={state}") == {units[state].serial}


@pytest.mark.requirement("ACT-08", "ACT-06")
async def test_services_are_found_by_product_offer_and_contract(room, shelf_of_services):
    customer, units = shelf_of_services
    running, fresh = units["operational"], units["in_setup"]
    assert await serials(room, f"product_id={running.product_id}") == {running.serial}
    assert await serials(room, f"serial={running.serial.lower()}") == {running.serial}
    assert await serials(room, f"customer_id={customer}&service_reference=SPAC-MAILIN-12") == {fresh.serial}
    (item,) = (await room.get(f"/activations?serial={running.serial}")).json()["items"]
    assert await serials(room, f"contract_number={item['contract_number'].lower()}") == {running.serial}
    assert await serials(room, f"customer_id={customer}&brand=dynabook") == set()


@pytest.mark.requirement("ACT-08", "ACT-07")
@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2026-11-21", set()),
        ("2026-11-22", {"operational", "ended"}),
        ("2026-11-23", {"operational", "ended"}),
        ("2026-11-24", {"operational", "ended", "in_setup"}),
        ("2026-12-22", {"operational", "ended", "in_setup"}),
        ("2026-12-23", {"operational", "in_setup"}),
        ("2027-11-23", {"operational", "in_setup"}),
        ("2027-11-24", {"operational"}),
        ("2029-11-21", {"operational"}),
        ("2029-11-22", set()),
    ],
)
async def test_a_day_shows_the_services_that_cover_it_first_and_last_day_included(room, shelf_of_services, day, states):
    customer, units = shelf_of_services
    expected = {units[state].serial for state in states}
    assert await serials(room, f"customer_id={customer}&active_on={day}") == expected


@pytest.mark.requirement("ACT-08", "ALL-06", "REG-06")
async def test_a_service_is_seen_by_its_customer_its_dealer_their_organisation_and_staff_only(room, redeemed):
    unit = redeemed()
    told = unit.model_dump(include=set(ProductRegistered.model_fields)) | {
        "purchased_on": "2026-11-01",
        "warranty_ends_on": "2028-11-01",
        "organisation_id": ORGANISATION,
        "registered_by": f"dealer@{ORGANISATION}",
    }
    await room.hear(ProductRegistered.model_validate(told))
    await room.hear(unit)
    (fact,) = await of_services(room)
    member = {"organisation": str(ORGANISATION)}
    see = [
        {"scopes": READ, "claims": {"sub": "anybody", "contact": str(unit.customer_id)}},
        {"scopes": READ, "claims": {"sub": "dealer"} | member},
        {"scopes": [*READ, "files:organisation"], "claims": {"sub": "colleague"} | member},
        {"scopes": [*READ, "files:all"], "claims": {"sub": "staff"}},
        {"scopes": [*READ, "files:all"], "claims": {"sub": "staff", "brand": "dynabook"}},
    ]
    blind = [
        {"scopes": READ, "claims": {"sub": "colleague"} | member},
        {"scopes": READ, "claims": {"sub": "dealer"}},
        {"scopes": [*READ, "files:organisation"], "claims": {"sub": "other", "organisation": str(uuid4())}},
        {"scopes": READ, "claims": {"sub": "anybody", "contact": str(uuid4())}},
        {"scopes": [*READ, "files:all"], "claims": {"sub": "staff", "brand": "ibm"}},
    ]
    for who in see:
        assert await serials(room, f"serial={unit.serial}", **who) == {unit.serial}
        assert (await room.get(f"/activations/{fact.activation_id}", **who)).status_code == 200
    for who in blind:
        assert await serials(room, f"serial={unit.serial}", **who) == set()
        assert (await room.get(f"/activations/{fact.activation_id}", **who)).json()["code"] == "not-found"


@pytest.mark.requirement("ACT-08")
async def test_a_service_has_an_etag_that_changes_with_it_and_with_the_readers_language(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    (fact,) = await of_services(room)
    path = f"/activations/{fact.activation_id}"
    english, french = await room.get(path), await room.get(path, language="fr")
    assert english.headers["ETag"] != french.headers["ETag"]
    assert (await room.get(path)).headers["ETag"] == english.headers["ETag"]
    await room.hear(taken_back(unit))
    assert (await room.get(path)).headers["ETag"] != english.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("active_on=tomorrow", "/query/active_on"),
        ("active_on=0", "/query/active_on"),
        ("state=running", "/query/state"),
        ("product_id=9H", "/query/product_id"),
        ("site_number=%00", "/query/site_number"),
        (f"contract_number={'x' * 65}", "/query/contract_number"),
    ],
)
async def test_a_wrong_filter_is_answered_with_the_field_at_fault(room, query, pointer):
    answer = await room.get(f"/activations?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

"""Licences of the software in a service: issued with a loaded key, shown to their holder, gone with a mistake."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from tests.support.waiting import until

from activation_service.keys.handlers import stock
from activation_service.offers.handlers import offer_of
from activation_service.products.handlers import product_of
from activation_service.software.handlers import issue
from chassis.database import Cause
from chassis.transact import apply
from event_schemas.activation_contracts import LicenceIssued
from event_schemas.registration_cases import ProductTransferred

from .asking import Person, at, taken_back
from .licensing import BRAND, SOFTWARE, WAITING, bought, cleared, get, key_of, licence_of, licences, load, loaded

KEY = "NC-7Q2M-XK41-9PLD"


@pytest.fixture
async def here(room):
    return await cleared(room)


@pytest.fixture
def holder(here):
    return Person(here)


@pytest.mark.requirement("ACT-12")
async def test_a_service_with_software_brings_a_licence_with_a_loaded_key_maintained_to_its_last_day(here, holder):
    assert await loaded(here, KEY) == {
        "brand": BRAND, "software": SOFTWARE, "loaded": 1, "issued": 0, "free": 1, "waiting": 0,
    }  # fmt: skip
    activated, (issued,), _ = await bought(holder)
    assert (issued.activation_id, issued.software) == (activated.activation_id, SOFTWARE)
    assert issued.maintained_until == activated.ends_on
    assert KEY not in issued.model_dump_json()
    (shown,) = await licences(holder)
    assert (shown["state"], shown["maintenance"], shown["software_name"]) == ("issued", "running", "Nuclias Connect")
    assert KEY not in (await get(holder, "/licences")).text
    assert (await key_of(holder, shown["licence_id"])).json()["key"] == KEY


@pytest.mark.requirement("ACT-12")
async def test_a_service_without_software_brings_no_licence_and_a_pack_of_three_brings_three(here, holder):
    assert (await bought(holder, service="DAS-C-12"))[1] == []
    assert await licences(holder) == []
    laptop = await holder.product(brand="dynabook", model="PT5B1E-0K601")
    await bought(holder, laptop, service="PPCP013FR-VGAD")
    found = {item["software"] for item in await licences(holder, f"?serial={laptop.serial.lower()}")}
    assert found == {"CISCO-AMP", "CISCO-SPARK", "OFFICE-365-BUSINESS"}


@pytest.mark.requirement("ACT-12")
async def test_a_licence_waits_for_its_key_and_the_oldest_one_gets_the_first_that_comes(here, holder):
    first, no_licence, _ = await bought(holder)
    here.clock.advance(timedelta(seconds=1))
    later, _, _ = await bought(holder)
    assert no_licence == []
    waiting = await licence_of(here, first.activation_id)
    assert (waiting["state"], waiting["issued_at"]) == ("awaiting_key", None)
    answer = await key_of(holder, waiting["licence_id"])
    assert (answer.status_code, answer.json()["key"], answer.json()["state"]) == (200, None, "awaiting_key")
    counts = await loaded(here, "KEY-1")
    assert (counts["issued"], counts["free"], counts["waiting"]) == (1, 0, 1)
    (issued,) = await here.said()
    assert (type(issued), issued.activation_id) == (LicenceIssued, first.activation_id)
    counts = await loaded(here, "KEY-2", "KEY-3")
    assert (counts["issued"], counts["free"], counts["waiting"]) == (1, 1, 0)
    keys = [await key_of(holder, (await licence_of(here, one.activation_id))["licence_id"]) for one in (first, later)]
    assert [answer.json()["key"] for answer in keys] == ["KEY-1", "KEY-2"]


@pytest.mark.requirement("ACT-12")
async def test_a_key_that_stands_there_twice_or_was_loaded_before_is_refused_with_all_the_others(here, holder):
    twice = await load(here, "KEY-1", "KEY-2", "KEY-1")
    assert (twice.status_code, twice.json()["code"]) == (422, "key-twice")
    assert twice.json()["errors"][0]["pointer"] == "/keys/2"
    await loaded(here, "KEY-2")
    again = await load(here, "KEY-3", "KEY-2")
    assert (again.status_code, again.json()["code"]) == (409, "key-loaded-already")
    assert again.json()["errors"][0]["pointer"] == "/keys/1"
    assert "KEY-" not in again.text + twice.text
    assert await here.database.pool.fetchval("SELECT array_agg(key) FROM licence_keys") == ["KEY-2"]
    assert (await loaded(here, "KEY-2", brand="ibm", software="AIX-STANDARD"))["free"] == 1


@pytest.mark.requirement("ACT-12", "ALL-01")
async def test_loading_the_same_keys_again_under_the_same_idempotency_key_loads_them_once(here):
    first = await load(here, KEY, key="load-1")
    second = await load(here, KEY, key="load-1")
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.requirement("ACT-12", "ALL-01")
async def test_an_unknown_program_and_a_malformed_key_are_refused_and_the_key_is_not_repeated(here):
    unknown = await load(here, KEY, software="NO-SUCH")
    assert (unknown.status_code, unknown.json()["errors"][0]["accepted"]) == (422, [SOFTWARE])
    secret = "SECRET-KEY-é"
    malformed = await load(here, KEY, secret)
    assert malformed.status_code == 422
    assert malformed.json()["errors"][0]["pointer"] == "/keys/1"
    assert "SECRET" not in malformed.text


@pytest.mark.requirement("ACT-12", "REG-06")
async def test_a_key_is_shown_to_its_holder_not_to_be_stored_and_who_looked_is_written_down(here, holder):
    await loaded(here, KEY)
    activated, _, _ = await bought(holder)
    licence_id = (await licences(holder))[0]["licence_id"]
    seen = await key_of(holder, licence_id)
    assert seen.headers["Cache-Control"] == "no-store"
    stranger = Person(here)
    for wrong in (await key_of(stranger, licence_id), await get(stranger, f"/licences/{licence_id}")):
        assert (wrong.status_code, wrong.json()["code"]) == (404, "not-found")
    assert await licences(stranger) == []
    assert (await here.post(f"/licences/{licence_id}/key", {})).json()["key"] == KEY
    lines = [(line["what"], line["by"]) for line in (await licence_of(here, activated.activation_id))["history"]]
    assert lines == [("granted", "service"), ("issued", "service"), ("key_shown", "holder"), ("key_shown", "staff")]
    kept = await here.database.pool.fetch("SELECT convert_from(answer, 'UTF8') AS text FROM idempotency")
    assert all(KEY not in row["text"] for row in kept)


@pytest.mark.requirement("ACT-12")
async def test_a_key_is_asked_for_with_a_scope_of_its_own_and_loaded_by_those_who_may(here, holder):
    reading = await here.post(f"/licences/{uuid4()}/key", {}, scopes=["licences:read"])
    loading = await load(here, KEY, scopes=["licences:read", "licences:write"])
    assert [reading.status_code, loading.status_code] == [403, 403]


@pytest.mark.requirement("ACT-12", "ACT-14")
async def test_a_licence_of_a_registration_that_was_cancelled_is_void_and_shows_no_key(here, holder):
    await loaded(here, KEY)
    _, _, unit = await bought(holder)
    await here.hear(taken_back(unit))
    (shown,) = await licences(holder)
    assert (shown["state"], shown["maintenance"]) == ("revoked", "lapsed")
    assert (await key_of(holder, shown["licence_id"])).json()["key"] is None
    assert (await get(holder, f"/licences/{shown['licence_id']}/downloads")).json()["items"] == []
    here.clock.set(here.clock.now().replace(year=2035))
    await here.said()
    await here.fire_timers()
    assert [fact for fact in await here.said() if fact.NAME.startswith("licence")] == []


@pytest.mark.requirement("ACT-12", "REG-17")
async def test_a_licence_follows_its_service_to_the_new_customer_and_the_former_one_sees_it_no_more(here, holder):
    laptop = await holder.product(brand="dynabook", model="PT5B1E-0K601")
    await bought(holder, laptop, service="PPCP013FR-VGAD")
    units = await here.database.pool.fetch(
        "SELECT redemption_id FROM activations WHERE product_id = $1", laptop.product_id
    )
    buyer = Person(here)
    shared = laptop.model_dump(include={"brand", "product_id", "serial", "model"})
    days = {"transferred_on": "2026-11-22", "last_billable_on": "2026-12-22", "kind": "sale", "transfer_id": uuid4()}
    parties = {"from_customer_id": holder.contact, "to_customer_id": buyer.contact, "registered_by": buyer.subject}
    redemptions = {"redemption_ids": [row["redemption_id"] for row in units]}
    await here.hear(ProductTransferred.model_validate({**shared, **days, **parties, **redemptions}))
    assert await licences(holder) == []
    assert len(await licences(buyer)) == 3


@pytest.mark.requirement("ACT-12")
async def test_another_service_goes_on_with_the_licence_that_is_still_maintained_and_takes_no_key(here, holder):
    await loaded(here, KEY, "KEY-2")
    product = await holder.product()
    activated, _, _ = await bought(holder, product)
    offer, known = await _offer_and_product(here, activated)
    second = activated.model_copy(update={"activation_id": uuid4(), "ends_on": activated.ends_on.replace(year=2032)})

    async def again(fact, tx):
        return await issue(fact, offer, known, tx)

    await apply(here.database, again, second, Cause("story"))
    (shown,) = await licences(holder)
    assert (shown["activation_id"], shown["maintained_until"]) == (str(second.activation_id), "2032-11-21")
    assert (await loaded(here, "KEY-3"))["free"] == 2
    for day, count in (("2032-11-22", 1), ("2032-12-24", 2)):  # the day after the last one, and with a gap of a day
        at(here, day)
        later = {"activation_id": uuid4(), "activated_at": here.clock.now(), "ends_on": date(2032, 12, 22)}
        await apply(here.database, again, second.model_copy(update=later), Cause("story"))
        assert len(await licences(holder)) == count


@pytest.mark.requirement("ACT-12", "ALL-02")
async def test_keys_and_licences_that_come_at_once_never_miss_each_other_and_no_key_is_given_twice(here, holder):
    activated, _, _ = await bought(holder)
    offer, known = await _offer_and_product(here, activated)

    async def one(number: int):
        product = replace(known, product_id=uuid4(), serial=f"S{number}")
        fact = activated.model_copy(update={"activation_id": uuid4(), "product_id": product.product_id})
        await apply(here.database, lambda _, tx: issue(fact, offer, product, tx), None, Cause("story"))

    await asyncio.gather(*(one(n) for n in range(12)), *(load(here, f"RACE-{n}", f"RACE-{n}-B") for n in range(4)))
    rows = await here.database.pool.fetchrow(
        "SELECT (SELECT count(*) FROM licences WHERE issued_at IS NOT NULL) AS issued, "
        "(SELECT count(DISTINCT licence_id) FROM licence_keys) AS given, "
        "(SELECT count(*) FROM licences WHERE issued_at IS NULL) AS waiting, "
        "(SELECT count(*) FROM licence_keys WHERE licence_id IS NULL) AS free"
    )
    assert dict(rows) == {"issued": 8, "given": 8, "waiting": 5, "free": 0}
    said = [fact.licence_id for fact in await here.said() if isinstance(fact, LicenceIssued)]
    assert len(said) == len(set(said)) == 8


@pytest.mark.requirement("ACT-12", "ALL-02")
async def test_a_licence_that_is_granted_while_keys_are_loaded_waits_for_them_and_gets_one(here, holder):
    activated, _, _ = await bought(holder)
    offer, known = await _offer_and_product(here, activated)
    product = replace(known, product_id=uuid4())
    fact = activated.model_copy(update={"activation_id": uuid4(), "product_id": product.product_id})
    async with here.database.transaction(Cause("story")) as loading:
        assert await stock(BRAND, SOFTWARE, [KEY], "test", loading) is None
        granting = asyncio.create_task(
            apply(here.database, lambda _, tx: issue(fact, offer, product, tx), None, Cause("story"))
        )

        async def waits() -> bool:
            return bool(await here.database.pool.fetchval(WAITING))

        await until(waits, "a licence that waits for the keys", 10)
    await granting
    assert (await licence_of(here, fact.activation_id))["state"] == "issued"


async def _offer_and_product(room, activated):
    offer = await offer_of(activated.brand, activated.service_reference, room.database.pool)
    return offer, await product_of(activated.product_id, room.database.pool)

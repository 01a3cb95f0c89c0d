"""Contracts are renewed before and after their end as each brand allows it (ACT-10, I09)."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.waiting import until

from activation_service.activations.handlers import hold_product, service
from chassis.database import Cause
from event_schemas.activation import ServiceActivated, ServiceExtended, ServiceOperational
from event_schemas.activation_contracts import (
    ContractChanged,
    ContractExpired,
    ContractRenewed,
    LicenceIssued,
    LicenceMaintenanceReinstated,
)

from .agreements import (
    BUYER,
    CUSTOMER,
    MAIL_IN,
    ON_SITE,
    at,
    fault,
    lines,
    load_late_and_anew,
    opened,
    registered,
    renewed,
    said,
    shown,
)
from .licensing import WAITING, loaded

ASKED = """
SELECT EXISTS (
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
  AND (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 2))
"""
"""Whether somebody waits for a product."""
BRANDS = [
    ("ibm", "9009-42A", MAIL_IN, 90, 30, "seamless"),
    ("carri", "CRT-2400", "CARRI-RAPPEL-12", 90, 60, "seamless"),
    ("dynabook", "X40-K-11E", "EXT2FR-X40", 90, 30, "seamless"),
    ("d-link", "DGS-3130", "DAS-C-12", 90, 0, "anew"),
    ("samsung-belux", "UE70TU7100WXXN", "SEC-PICKUP-12", 60, 0, "anew"),
]


def day(text: str, days: int) -> str:
    return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


@pytest.mark.requirement("ACT-10", "POL-01")
@pytest.mark.parametrize(("brand", "model", "offer", "before", "after", "late"), BRANDS)
async def test_each_brand_renews_from_its_first_day_to_its_last_and_not_a_day_more(
    room, brand, model, offer, before, after, late
):
    contract = await opened(room, await registered(room, brand=brand, model=model), services=[offer])
    ends = contract["ends_on"]
    window = day(ends, -before), day(ends, after)
    assert (contract["renewable_from"], contract["renewable_until"]) == window
    at(room, day(ends, -before - 1), "23:59", brand)
    assert fault(await renewed(room, contract))[:2] == (409, "renewal-too-early")
    at(room, day(ends, after + 1), "00:00", brand)
    refused = await renewed(room, contract)
    assert fault(refused)[:2] == (409, "renewal-too-late")
    assert all(told in refused.json()["detail"] for told in window)
    at(room, window[1], "23:59", brand)
    assert (await renewed(room, contract)).status_code == 200


@pytest.mark.requirement("ACT-10")
@pytest.mark.parametrize("moment", [-90, 0, 1, 30])
async def test_a_seamless_renewal_lets_every_service_go_on_to_the_same_later_day(room, moment):
    products = [await registered(room) for _ in range(2)]
    contract = await opened(room, *products, services=[MAIL_IN, ON_SITE], months=12)
    at(room, day(contract["ends_on"], moment))
    await room.fire_timers()
    await said(room)
    answer = (await renewed(room, contract, 24)).json()
    assert (answer["starts_on"], answer["ends_on"], answer["state"]) == ("2027-11-22", "2029-11-21", "active")
    assert answer["opened_on"] == "2026-11-22"
    fact, *extended = await said(room)
    assert isinstance(fact, ContractRenewed)
    assert (fact.previous_ends_on, fact.ends_on, fact.seamless) == (date(2027, 11, 21), date(2029, 11, 21), True)
    assert {type(one) for one in extended} == {ServiceExtended}
    assert {(one.previous_ends_on, one.ends_on) for one in extended} == {(date(2027, 11, 21), date(2029, 11, 21))}
    assert {str(one.activation_id) for one in extended} == {line["activation_id"] for line in contract["lines"]}
    assert answer["history"][-1]["what"] == "renewed"


@pytest.mark.requirement("ACT-10")
async def test_a_late_renewal_of_a_brand_that_does_not_close_gaps_starts_its_services_anew(room, tmp_path):
    load_late_and_anew(tmp_path)
    contract = await opened(room, await registered(room, brand="d-link", model="DGS-3130"), services=["DAS-C-12"])
    at(room, "2027-12-04", brand="d-link")  # a Saturday, thirteen days late
    await room.fire_timers()
    await said(room)
    answer = (await renewed(room, contract)).json()
    assert (answer["starts_on"], answer["ends_on"]) == ("2027-12-04", "2028-12-03")
    fact, activated, changed = await said(room)
    assert isinstance(fact, ContractRenewed)
    assert not fact.seamless
    assert isinstance(activated, ServiceActivated)
    assert (activated.contract_number, activated.ends_on) == (contract["number"], date(2028, 12, 3))
    assert isinstance(changed, ContractChanged)
    assert [line.activation_id for line in changed.added] == [activated.activation_id]
    assert [str(line.activation_id) for line in changed.removed] == [contract["lines"][0]["activation_id"]]
    assert [line["removed_on"] for line in answer["lines"]] == ["2027-11-21", None]
    assert activated.operational_at > activated.activated_at


@pytest.mark.requirement("ACT-10")
async def test_a_contract_that_expired_runs_again_after_its_renewal_and_expires_again(room):
    contract = await opened(room, await registered(room))
    at(room, "2027-12-21", "23:59")
    await room.fire_timers()
    assert (await shown(room, contract))["state"] == "expired"
    assert (await renewed(room, contract)).json()["state"] == "active"
    await said(room)
    at(room, "2028-11-22", "00:00")
    await room.fire_timers()
    assert [fact.ends_on for fact in await said(room, ContractExpired)] == [date(2028, 11, 21)]


@pytest.mark.requirement("ACT-10")
async def test_a_renewal_that_would_be_over_already_is_refused(room):
    product = await registered(room, brand="carri", model="CRT-2400")
    contract = await opened(room, product, services=["CARRI-RAPPEL-12"])
    at(room, "2028-01-20", brand="carri")
    assert fault(await renewed(room, contract, 1)) == (422, "renewal-over-already", "/months")
    assert (await renewed(room, contract, 2)).json()["ends_on"] == "2028-01-21"


@pytest.mark.requirement("ACT-10")
async def test_a_service_that_is_not_sold_any_more_keeps_its_contract_from_being_renewed(room):
    contract = await opened(room, await registered(room))
    at(room, "2027-11-01")
    withdrawal = await room.post(f"/offers/{MAIL_IN}/withdrawal", {"brand": "ibm"})
    assert withdrawal.status_code == 200, withdrawal.text
    try:
        refused = await renewed(room, contract)
        assert fault(refused)[:2] == (409, "renewal-not-on-sale")
        assert MAIL_IN in refused.json()["detail"]
    finally:
        await room.database.pool.execute("DELETE FROM offers")


@pytest.mark.requirement("ACT-06", "ACT-10")
async def test_an_old_contract_is_not_renewed_over_a_new_one_for_the_same_service(room):
    product = await registered(room)
    contract = await opened(room, product)
    at(room, "2027-11-22")
    other = await opened(room, product)
    refused = await renewed(room, contract)
    assert fault(refused)[:2] == (409, "service-covered-already")
    assert other["number"] in refused.json()["detail"]


@pytest.mark.requirement("ACT-10", "REG-17")
async def test_products_that_are_somebody_elses_by_now_are_not_renewed_with_the_others(room):
    kept, sold = await registered(room), await registered(room)
    contract = await opened(room, kept, sold)
    at(room, "2027-11-30")
    whose = "UPDATE products SET customer_id = $2 WHERE product_id = $1"
    await room.database.pool.execute(whose, sold.product_id, BUYER)
    await said(room)
    answer = (await renewed(room, contract)).json()
    fact, extended, changed = await said(room)
    assert (fact.seamless, extended.product_id) == (True, kept.product_id)
    assert [line.product_id for line in changed.removed] == [sold.product_id]
    assert {line["serial"]: line["removed_on"] for line in answer["lines"]} == {
        kept.serial: None,
        sold.serial: "2027-11-21",
    }
    await room.database.pool.execute(whose, kept.product_id, BUYER)
    at(room, "2028-11-30")
    assert fault(await renewed(room, contract))[:2] == (409, "contract-empty")
    await room.database.pool.execute(whose, kept.product_id, CUSTOMER)


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_of_twenty_renewals_at_once_one_succeeds_and_additions_keep_its_end(room):
    product = await registered(room)
    contract = await opened(room, product)
    at(room, "2027-11-01")
    await said(room)
    extra = [await registered(room) for _ in range(10)]
    additions = (room.post(f"/contracts/{contract['contract_id']}/additions", {"lines": lines(one)}) for one in extra)
    answers = await asyncio.gather(*(renewed(room, contract) for _ in range(20)), *additions)
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [409] * 19
    told = await shown(room, contract)
    assert told["ends_on"] == "2028-11-21"
    async with room.database.transaction(Cause("test")) as tx:
        ends = {(await service(UUID(line["activation_id"]), tx)).ends_on for line in told["lines"]}
    assert ends == {date(2028, 11, 21)}
    assert len(await said(room, ContractRenewed)) == 1


@pytest.mark.requirement("ACT-10", "ALL-01")
async def test_a_renewal_that_is_sent_again_renews_once(room):
    contract = await opened(room, await registered(room), months=1)
    await said(room)
    key = str(uuid4())
    first, again = [await renewed(room, contract, 1, key=key) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await said(room, ContractRenewed)) == 1


@pytest.mark.requirement("ACT-10", "ACT-12")
@pytest.mark.parametrize(("on", "more"), [("2027-11-21", []), ("2027-12-21", [LicenceMaintenanceReinstated])])
async def test_software_under_a_contract_is_maintained_for_the_new_term_too(room, on, more):
    await loaded(room, str(uuid4()), brand="ibm", software="AIX-STANDARD")
    product = await registered(room)
    contract = await opened(room, product, services=["SWMA-12"])
    (issued,) = await said(room, LicenceIssued)
    assert issued.maintained_until == date(2027, 11, 21)
    at(room, on)
    while await room.fire_timers():
        pass
    await said(room)
    assert (await renewed(room, contract)).status_code == 200
    assert [type(fact) for fact in await said(room) if fact.NAME.startswith("licence.")] == more
    licence = (await room.get(f"/licences/{issued.licence_id}")).json()
    assert licence["maintained_until"] == "2028-11-21"


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_a_renewal_holds_a_product_too_that_comes_in_while_it_waits_for_another(room):
    first, second = await registered(room), await registered(room)
    contract = await opened(room, first, months=12)
    at(room, "2027-10-01")

    async def one_waits() -> bool:
        return await room.database.pool.fetchval(WAITING) == 1

    async def the_second_is_asked_for() -> bool:
        return await room.database.pool.fetchval(ASKED, str(second.product_id))

    async with room.database.transaction(Cause("")) as holder:
        async with room.database.transaction(Cause("")) as blocker:
            await hold_product(first.product_id, blocker)
            renewal = asyncio.create_task(renewed(room, contract, 12))
            await until(one_waits, "a renewal that waits for the first product", 10)
            answer = await room.post(f"/contracts/{contract['contract_id']}/additions", {"lines": lines(second)})
            assert answer.status_code == 200, answer.text
            await hold_product(second.product_id, holder)
        await until(the_second_is_asked_for, "a renewal that waits for the second product", 10)
    assert (await renewal).status_code == 200


@pytest.mark.requirement("ACT-07", "ACT-10")
async def test_a_service_that_is_over_before_its_set_up_is_operational_only_if_its_contract_is_renewed(room):
    contract = await opened(room, await registered(room), months=1)
    at(room, "2026-12-21")
    body = {"lines": lines(await registered(room), services=[ON_SITE])}
    assert (await room.post(f"/contracts/{contract['contract_id']}/additions", body)).status_code == 200
    await room.fire_timers()
    await said(room)
    at(room, "2026-12-30")
    await room.fire_timers()
    assert await said(room, ServiceOperational) == []
    assert (await renewed(room, contract, 12)).status_code == 200
    await room.fire_timers()
    assert [fact.service_reference for fact in await said(room, ServiceOperational)] == [ON_SITE]
    await room.fire_timers()
    assert await said(room, ServiceOperational) == []

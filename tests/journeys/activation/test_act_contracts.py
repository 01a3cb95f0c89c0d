"""The life of a contract while the months go by: reminders, renewals, its end (ACT-09, ACT-10)."""

from datetime import date, time, timedelta
from typing import Final

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.activation.agreeing import Agreement, agreed, at_home
from tests.journeys.brands import ADDED, PLAYED
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.journeys.test_warranty_check import check
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day

INVENTORY: Final = PLAYED[3]
AFTER_NINE: Final = time(9, 0, 1)


async def reminded(agreement: Agreement, days: int) -> None:
    """The reminder so many days before the end comes at nine o'clock of its day."""
    day = agreement.ends_on - timedelta(days=days)
    await agreement.one.on(day, time(8, 59, 30))
    assert agreement.so_far("contract.expiring.v1", ends_on=agreement.ends_on.isoformat(), days_left=days) == []
    await agreement.one.on(day, AFTER_NINE)
    await agreement.said("contract.expiring.v1", ends_on=agreement.ends_on.isoformat(), days_left=days)


async def public_end(agreement: Agreement, ends_on: date, state: str = "operational") -> None:
    """Until anybody who asks is told that day."""

    async def told() -> bool:
        one = agreement.one
        products = (await check(one.stack, one.serial, one.played.brand)).json().get("products", [])
        services = [(each["state"], each["ends_on"]) for product in products for each in product["services"]]
        return (state, ends_on.isoformat()) in services

    await until(told, f"the public check says {state} until {ends_on}", every=0.3)


@pytest.mark.requirement("ACT-09", "ACT-10", "NTF-01", "TKT-09", "REG-23")
async def test_an_inventory_under_contract_is_reminded_three_times_renewed_and_goes_on_without_a_gap(
    stack: Stack, watch: Watch
) -> None:
    agreement = await agreed(await at_home(stack, watch, INVENTORY, 2), 4)
    opened = (await agreement.said("contract.opened.v1")).data
    serials = {journey.serial for journey in agreement.journeys}
    assert {line["serial"] for line in opened["lines"]} == serials
    assert agreement.ends_on == last_day(agreement.one.day(), 4)
    by_type = await agreement.one.read("/contracts", serial=agreement.journeys[1].serial, model="9009")
    assert [one["number"] for one in by_type["items"]] == [agreement.number]

    assert await agreement.refused("renewal", {}) == (409, "renewal-too-early")
    for days in (90, 30, 7):
        await reminded(agreement, days)
    customer = agreement.contract["customer_id"]
    first_end = agreement.ends_on
    told = [one["days_left"] for one in agreement.so_far("contract.expiring.v1")]
    assert told == [90, 30, 7]

    renewed = await agreement.do("renewal", {"months": 4})
    agreement.contract = renewed
    assert agreement.ends_on == last_day(first_end + timedelta(days=1), 4)
    fact = (await agreement.said("contract.renewed.v1")).data
    assert (fact["seamless"], fact["previous_ends_on"]) == (True, first_end.isoformat())
    for journey in agreement.journeys:
        extended = (await watch.event("service.extended.v1", serial=journey.serial)).data
        assert (extended["previous_ends_on"], extended["ends_on"]) == (first_end.isoformat(), renewed["ends_on"])
        await journey.covered_as("contract", covered_until=renewed["ends_on"])
    await public_end(agreement, agreement.ends_on)
    await kinds_sent(watch, customer, "contract-renewed")

    await agreement.one.on(first_end + timedelta(days=1), AFTER_NINE)
    assert (await agreement.look())["state"] == "active"
    assert agreement.so_far("contract.expired.v1") == []
    await reminded(agreement, 30)  # of several that are due at once the latest
    assert [one["days_left"] for one in agreement.so_far("contract.expiring.v1")] == [90, 30, 7, 30]
    await agreement.one.mailed("contract-expiring", 4)


@pytest.mark.requirement("ACT-10", "NTF-01", "TKT-09", "REG-23")
async def test_a_contract_that_expired_is_renewed_late_and_closes_the_gap(stack: Stack, watch: Watch) -> None:
    agreement = await agreed(await at_home(stack, watch, INVENTORY), 1)
    customer, first_end = agreement.contract["customer_id"], agreement.ends_on
    await agreement.one.on(first_end, time(23, 50))
    await agreement.one.covered_as("contract")
    assert agreement.so_far("contract.expired.v1") == []
    await agreement.one.on(first_end + timedelta(days=1))
    expired = (await agreement.said("contract.expired.v1")).data
    assert expired["renewable_until"] == (first_end + timedelta(days=30)).isoformat()
    await agreement.one.covered_as("billable")
    await kinds_sent(watch, customer, "contract-expired")

    await agreement.one.on(first_end + timedelta(days=30), time(23, 50))
    agreement.contract = await agreement.do("renewal", {"months": 12})
    assert agreement.contract["starts_on"] == (first_end + timedelta(days=1)).isoformat()
    await agreement.one.covered_as("contract", covered_until=agreement.contract["ends_on"])
    await public_end(agreement, agreement.ends_on)
    assert len(watch.heard("service.activated.v1", serial=agreement.one.serial)) == 1


@pytest.mark.requirement("ACT-10", "POL-02")
async def test_a_brand_may_renew_late_with_a_gap_and_with_a_set_up_of_its_own(stack: Stack, watch: Watch) -> None:
    agreement = await agreed(await at_home(stack, watch, ADDED, bought=None), 1)
    [line] = agreement.contract["lines"]
    await agreement.one.on(agreement.ends_on + timedelta(days=5))
    await agreement.said("contract.expired.v1")
    today = agreement.one.day()
    renewed = await agreement.do("renewal", {"months": 2})
    assert (renewed["starts_on"], renewed["ends_on"]) == (today.isoformat(), last_day(today, 2).isoformat())
    fact = (await agreement.said("contract.renewed.v1")).data
    assert fact["seamless"] is False
    [anew] = [one for one in renewed["lines"] if one["activation_id"] != line["activation_id"]]
    started = (await watch.event("service.activated.v1", activation_id=anew["activation_id"])).data
    assert (started["ends_on"], started["contract_number"]) == (renewed["ends_on"], agreement.number)
    await agreement.one.covered_as("contract_in_setup", covered_until=renewed["ends_on"])
    await kinds_sent(watch, agreement.contract["customer_id"], "contract-renewed-anew")


@pytest.mark.requirement("ACT-10", "POL-02")
async def test_a_brand_may_renew_before_the_end_only(stack: Stack, watch: Watch) -> None:
    agreement = await agreed(await at_home(stack, watch, PLAYED[1]), 1)
    last = agreement.ends_on
    await agreement.one.on(last, time(23, 50))
    agreement.contract = await agreement.do("renewal", {"months": 1})
    assert agreement.ends_on == last_day(last + timedelta(days=1), 1)
    await agreement.one.on(agreement.ends_on + timedelta(days=1))
    expired = (await agreement.said("contract.expired.v1", ends_on=agreement.ends_on.isoformat())).data
    assert expired["renewable_until"] is None
    assert await agreement.refused("renewal", {"months": 1}) == (409, "renewal-too-late")


@pytest.mark.requirement("ACT-09", "ACT-10")
async def test_products_and_services_come_into_a_contract_and_end_with_it(stack: Stack, watch: Watch) -> None:
    first, second = await at_home(stack, watch, INVENTORY, 2)
    agreement = await agreed([first], 18)
    lines = [
        {"serial": second.serial, "service_references": [INVENTORY.reference]},
        {"serial": first.serial, "service_references": ["SWMA-12"]},
    ]
    await first.at(stack.now() + relativedelta(days=40))
    added = await agreement.do("additions", {"lines": lines})
    assert added["line_count"] == 3
    changed = (await agreement.said("contract.changed.v1")).data
    assert [(one["serial"], one["service_reference"]) for one in changed["added"]] == [
        (second.serial, INVENTORY.reference),
        (first.serial, "SWMA-12"),
    ]
    activated = (await watch.event("service.activated.v1", serial=first.serial, service_reference="SWMA-12")).data
    assert (activated["ends_on"], activated["contract_number"]) == (agreement.contract["ends_on"], agreement.number)
    await second.covered_as("contract_in_setup", covered_until=agreement.contract["ends_on"])
    assert await agreement.refused("additions", {"lines": lines}) == (409, "service-covered-already")

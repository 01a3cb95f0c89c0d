"""A product changes hands: its services follow it or end, by their offer's rule, once and in any order (REG-17)."""

import asyncio
from datetime import date, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from activation_service.activations.handlers import announce_operational
from activation_service.policy import BOOK
from chassis.database import Cause
from chassis.routes import Due
from event_schemas.activation import ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.registration import RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred

from .facts import SETUPS, of_services

BUYER = UUID("0199a3c4-7b10-7003-8a5e-4d1f6c2b0003")
LAST = date(2026, 12, 22)
ENDS = {"brand": "ibm", "service_reference": "SPAC-ONSITE-36", "model": "9009-42A"}
FOLLOWS = {"brand": "ibm", "service_reference": "SPAC-MAILIN-12", "model": "9009-42A"}


def transferred(*units, **changes) -> ProductTransferred:
    usual = {
        "brand": units[0].brand,
        "product_id": units[0].product_id,
        "transfer_id": uuid4(),
        "serial": units[0].serial,
        "model": units[0].model,
        "kind": "sale",
        "from_customer_id": units[0].customer_id,
        "to_customer_id": BUYER,
        "transferred_on": date(2026, 11, 22),
        "last_billable_on": LAST,
        "redemption_ids": [unit.redemption_id for unit in units],
    }
    return ProductTransferred.model_validate(usual | changes)


def taken_back(unit) -> RegistrationCancelled:
    shared = unit.model_dump(include=set(RegistrationCancelled.model_fields))
    return RegistrationCancelled.model_validate(shared | {"reason": "customer_request"})


async def services(room, unit) -> list[dict[str, object]]:
    """State, last day and customer of each service of the unit, oldest first."""
    items = (await room.get(f"/activations?brand={unit.brand}&serial={unit.serial}")).json()["items"]
    of = "SELECT customer_id FROM activations WHERE activation_id = $1"
    customers = [await room.database.pool.fetchval(of, UUID(item["activation_id"])) for item in items]
    told = zip(items, customers, strict=True)
    return [(item["state"], item["ended_on"], customer) for item, customer in told][::-1]


async def operational(room, unit) -> None:
    await room.hear(unit)
    room.clock.advance(timedelta(days=2))
    assert await room.fire_timers() == 1
    await of_services(room)


async def announced_late(room, service) -> ServiceOperational | None:
    """What a timer says that goes off although it should not any more."""
    due = Due("setup-over", str(service.activation_id), service.operational_at, {})
    async with room.database.transaction(Cause("test")) as tx:
        return (await announce_operational([due], tx))[0]


@pytest.mark.requirement("REG-17")
async def test_a_service_that_follows_its_product_goes_on_for_the_new_customer(room, redeemed):
    unit = redeemed(**FOLLOWS)
    await room.hear(unit)
    await of_services(room)
    await room.hear(transferred(unit))
    assert await of_services(room) == []
    assert await services(room, unit) == [("in_setup", None, BUYER)]
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    (fact,) = await of_services(room)
    assert isinstance(fact, ServiceOperational)
    assert fact.customer_id == BUYER


@pytest.mark.requirement("REG-17")
async def test_a_service_that_ends_with_a_sale_ends_on_the_last_billable_day_of_the_former_customer(room, redeemed):
    unit = redeemed(**ENDS)
    await operational(room, unit)
    heard = await room.hear(transferred(unit))
    (fact,) = await of_services(room)
    assert isinstance(fact, ServiceEnded)
    assert (fact.customer_id, fact.ended_on, fact.reason) == (unit.customer_id, LAST, "transfer")
    assert (fact.redemption_id, fact.service_reference) == (unit.redemption_id, "SPAC-ONSITE-36")
    assert await services(room, unit) == [("ended", LAST.isoformat(), unit.customer_id)]
    await room.hear(transferred(unit), heard)
    await room.hear(transferred(unit, last_billable_on=date(2027, 1, 5)))
    assert await of_services(room) == []
    assert await services(room, unit) == [("ended", LAST.isoformat(), unit.customer_id)]


@pytest.mark.requirement("REG-17")
async def test_of_two_services_of_one_product_each_goes_by_its_own_rule(room, redeemed):
    ends = redeemed(**ENDS)
    follows = ends.model_copy(update={"redemption_id": uuid4(), "service_reference": "SPAC-MAILIN-12"})
    await room.hear(ends)
    room.clock.advance(timedelta(seconds=1))
    await room.hear(follows)
    await of_services(room)
    await room.hear(transferred(ends, follows))
    assert [fact.redemption_id for fact in await of_services(room)] == [ends.redemption_id]
    expected = [("ended", LAST.isoformat(), ends.customer_id), ("in_setup", None, BUYER)]
    assert await services(room, ends) == expected


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize("offer", [ENDS, FOLLOWS])
async def test_after_a_lease_every_service_ends(room, redeemed, offer):
    unit = redeemed(**offer)
    await operational(room, unit)
    await room.hear(transferred(unit, kind="lease_return", to_customer_id=None))
    assert [type(fact) for fact in await of_services(room)] == [ServiceEnded]
    assert await services(room, unit) == [("ended", LAST.isoformat(), unit.customer_id)]


@pytest.mark.requirement("REG-17", "ACT-07")
@pytest.mark.parametrize("last_billable_on", [date(2026, 11, 24), LAST])
async def test_a_service_that_ends_on_or_after_its_operational_day_is_set_up_and_announced_all_the_same(
    room, redeemed, last_billable_on
):
    unit = redeemed(**ENDS)
    await room.hear(unit)
    heard = await room.hear(transferred(unit, last_billable_on=last_billable_on))
    activated, ended = await of_services(room)
    assert ended.ended_on == last_billable_on
    room.clock.advance(timedelta(days=2))
    assert await room.fire_timers() == 1
    (fact,) = await of_services(room)
    assert isinstance(fact, ServiceOperational)
    assert (fact.operational_at, fact.ends_on) == (activated.operational_at, last_billable_on)
    await room.hear(transferred(unit, last_billable_on=last_billable_on), heard)
    assert await services(room, unit) == [("ended", last_billable_on.isoformat(), unit.customer_id)]
    assert await announced_late(room, activated) is None


@pytest.mark.requirement("REG-17", "ACT-07")
@pytest.mark.parametrize("last_billable_on", [date(2026, 11, 22), date(2026, 11, 23)])
async def test_a_service_that_ends_before_its_operational_day_ends_at_once_and_is_never_announced(
    room, redeemed, last_billable_on
):
    unit = redeemed(**ENDS)
    await room.hear(unit)
    await room.hear(transferred(unit, last_billable_on=last_billable_on))
    activated, ended = await of_services(room)
    assert (type(activated), type(ended), ended.ended_on) == (ServiceActivated, ServiceEnded, date(2026, 11, 22))
    assert await room.database.pool.fetchval(SETUPS) == 0
    room.clock.advance(timedelta(days=9))
    assert await announced_late(room, activated) is None


@pytest.mark.requirement("REG-17", "ACT-07")
async def test_a_service_that_was_taken_back_after_its_end_is_not_announced_any_more(room, redeemed):
    unit = redeemed(**ENDS)
    for fact in (unit, transferred(unit), taken_back(unit)):
        await room.hear(fact)
    await of_services(room)
    room.clock.advance(timedelta(days=2))
    assert await room.fire_timers() == 0


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize("over_on", [LAST, LAST - timedelta(days=1)])
async def test_a_service_that_is_over_by_the_last_billable_day_is_left_alone(room, redeemed, over_on):
    unit = redeemed(**ENDS)
    await operational(room, unit)
    of = "UPDATE activations SET ends_on = $2 WHERE redemption_id = $1"
    await room.database.pool.execute(of, unit.redemption_id, over_on)
    await room.hear(transferred(unit))
    assert await of_services(room) == []
    assert await services(room, unit) == [("operational", None, unit.customer_id)]


@pytest.mark.requirement("REG-17")
async def test_what_was_redeemed_after_the_transfer_is_untouched_by_it(room, redeemed):
    former = redeemed(**ENDS)
    later = former.model_copy(update={"redemption_id": uuid4(), "customer_id": BUYER})
    await room.hear(former)
    room.clock.advance(timedelta(seconds=1))
    await room.hear(later)
    await room.hear(transferred(former))
    assert await services(room, former) == [
        ("ended", LAST.isoformat(), former.customer_id),
        ("in_setup", None, BUYER),
    ]


@pytest.mark.requirement("REG-17", "ALL-02")
@pytest.mark.parametrize("offer", [ENDS, FOLLOWS])
async def test_certificate_and_transfer_lead_to_the_same_service_in_either_order_and_twice(room, redeemed, offer):
    seen = []
    for order in permutations(range(2)):
        unit = redeemed(**offer, customer_id=UUID(int=7))
        facts = (unit, transferred(unit))
        for place in (*order, *reversed(order)):
            await room.hear(facts[place])
        said = [type(fact) for fact in await of_services(room)]
        seen.append((await services(room, unit), said))
        assert await room.database.pool.fetchval("SELECT count(*) FROM transfers WHERE applied_at IS NULL") == 0
    assert seen[0] == seen[1]
    ended = [("ended", LAST.isoformat(), UUID(int=7))], [ServiceActivated, ServiceEnded]
    assert seen[0] == (ended if offer is ENDS else ([("in_setup", None, BUYER)], [ServiceActivated]))


@pytest.mark.requirement("REG-17")
async def test_two_transfers_heard_before_their_certificate_are_applied_in_their_order(room, redeemed):
    unit, second = redeemed(**FOLLOWS), uuid4()
    await room.hear(transferred(unit))
    await room.hear(transferred(unit, from_customer_id=BUYER, to_customer_id=second))
    await room.hear(unit)
    assert await services(room, unit) == [("in_setup", None, second)]


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_certificate_and_its_transfer_at_the_same_moment_never_miss_each_other(room, redeemed):
    for _ in range(15):
        unit = redeemed(**ENDS)
        await asyncio.gather(room.hear(unit), room.hear(transferred(unit)))
        assert [type(fact) for fact in await of_services(room)] == [ServiceActivated, ServiceEnded]
    assert await room.database.pool.fetchval("SELECT count(*) FROM transfers WHERE applied_at IS NULL") == 0


@pytest.mark.requirement("REG-17", "ACT-07")
async def test_a_transfer_while_the_timer_goes_off_ends_the_service_and_announces_it_once(room, redeemed):
    units = [redeemed(**ENDS) for _ in range(10)]
    for unit in units:
        await room.hear(unit)
    await of_services(room)
    room.clock.advance(timedelta(days=2))
    await asyncio.gather(*(room.hear(transferred(unit)) for unit in units), *(room.fire_timers() for _ in range(4)))
    await room.fire_timers()
    said = await of_services(room)
    assert sum(isinstance(fact, ServiceEnded) for fact in said) == 10
    announced = [fact.activation_id for fact in said if isinstance(fact, ServiceOperational)]
    assert len(announced) == len(set(announced)) == 10
    assert await room.database.pool.fetchval(SETUPS) == 0


@pytest.mark.requirement("REG-17", "ACT-14")
async def test_an_ended_service_can_still_be_cancelled_and_a_cancelled_one_does_not_end(room, redeemed):
    first, second = redeemed(**ENDS), redeemed(**ENDS)
    await room.hear(first)
    await room.hear(transferred(first))
    await room.hear(taken_back(first))
    assert await services(room, first) == [("cancelled", None, first.customer_id)]
    await room.hear(second)
    await room.hear(taken_back(second))
    await of_services(room)
    await room.hear(transferred(second))
    assert await of_services(room) == []
    assert await services(room, second) == [("cancelled", None, second.customer_id)]


@pytest.mark.requirement("POL-01", "REG-17")
async def test_every_offer_of_every_shipped_brand_follows_or_ends_as_its_policy_says(room, redeemed):
    models = {"dynabook": "X40-K-11E", "d-link": "DGS-3130", "samsung-belux": "UE70TU7100WXXN"}
    for brand in BOOK.brands():
        for offer in BOOK.of(brand).offers:
            model = models.get(brand, "9009-42A" if brand == "ibm" else "CRT-2400")
            unit = redeemed(brand=brand, service_reference=offer.reference, model=model)
            await room.hear(unit)
            await room.hear(transferred(unit))
            (told,) = await services(room, unit)
            assert told[0] == {"follows": "in_setup", "ends": "ended"}[offer.transfer], offer.reference
            assert told[2] == (BUYER if offer.transfer == "follows" else unit.customer_id)
    assert {offer.transfer for brand in BOOK.brands() for offer in BOOK.of(brand).offers} == {"follows", "ends"}

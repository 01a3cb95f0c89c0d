"""A product moves to another country: its site is not known any more, and what is not given there ends (REG-18)."""

import asyncio
from datetime import timedelta
from itertools import pairwise, permutations
from uuid import UUID, uuid4

import pytest
from uuid6 import uuid7

from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.activation_contracts import ContractOpened, ContractTerminated

from .agreements import BUYER, CUSTOMER, opened, registered
from .agreements import transferred as sold
from .facts import SETUPS, of_services
from .test_reviews import moved
from .test_transfers import transferred

EVERYWHERE, BENELUX = "SPAC-MAILIN-12", "BENELUX-12"
IBM = {"brand": "ibm", "model": "9009-42A"}


@pytest.fixture(scope="module")
async def country_offer(one_room) -> str:
    """An offer that is given in three countries only."""
    name = dict.fromkeys(("en", "fr", "nl"), "Benelux repair")
    body = {"brand": "ibm", "reference": BENELUX, "name": name, "duration_months": 12, "response_level": "mail-in"}
    more = {"models": ["9009-*"], "terms_version": "2026-01", "countries": ["BE", "LU", "NL"], "transfer": "follows"}
    answer = await one_room.post("/offers", body | more)
    assert answer.status_code == 201, answer.text
    return BENELUX


async def state(room, unit) -> tuple[str, str | None]:
    (item,) = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
    return item["state"], item["ended_on"]


async def operational(room, unit) -> None:
    await room.hear(unit)
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    await room.said()


@pytest.mark.requirement("REG-18", "ACT-07")
async def test_a_service_that_is_not_given_in_the_new_country_ends_on_the_day_of_the_move_with_its_contract(
    room, redeemed, country_offer
):
    unit = redeemed(**IBM, service_reference=country_offer)
    await operational(room, unit)
    await room.hear(moved(unit, "FR", executed_on="2026-11-24"))
    ended, contract = await room.said()
    assert isinstance(ended, ServiceEnded)
    assert (ended.ended_on.isoformat(), ended.reason) == ("2026-11-24", "move")
    assert (type(contract), contract.last_billable_on) == (ContractTerminated, ended.ended_on)
    assert await state(room, unit) == ("ended", "2026-11-24")


@pytest.mark.requirement("REG-18")
@pytest.mark.parametrize(("reference", "country"), [(BENELUX, "LU"), (EVERYWHERE, "FR")])
async def test_a_service_that_is_given_in_the_new_country_goes_on(room, redeemed, country_offer, reference, country):
    unit = redeemed(**IBM, service_reference=reference)
    await operational(room, unit)
    await room.hear(moved(unit, country))
    assert await room.said() == []
    assert await state(room, unit) == ("operational", None)


@pytest.mark.requirement("REG-18", "ACT-04")
async def test_a_unit_for_a_product_that_stands_where_its_service_is_not_given_is_refused(
    room, redeemed, country_offer
):
    unit = redeemed(**IBM, service_reference=country_offer)
    await room.hear(moved(unit, "FR"))
    await room.hear(unit)
    (fact,) = await room.said()
    assert (type(fact), fact.reason) == (ActivationRefused, "country_not_covered")
    other = redeemed(**IBM, service_reference=country_offer, product_id=unit.product_id, serial=unit.serial)
    await room.hear(other)  # another customer's by now: where the former one had it says nothing
    assert isinstance((await room.said())[0], ServiceActivated)


@pytest.mark.requirement("REG-18", "ALL-02")
async def test_a_move_and_an_earlier_certificate_lead_to_the_same_end_in_either_order(room, redeemed, country_offer):
    seen = []
    for order in permutations(range(2)):
        unit = redeemed(**IBM, service_reference=country_offer)
        facts, ids = (unit, moved(unit, "FR")), (uuid7(), uuid7())
        for place in (*order, *reversed(order)):
            await room.hear(facts[place], ids[place])
        said = sorted(type(fact).__name__ for fact in await of_services(room))
        seen.append((await state(room, unit), said))
    assert seen[0] == seen[1] == (("ended", "2026-11-22"), ["ServiceActivated", "ServiceEnded"])


@pytest.mark.requirement("REG-17", "REG-18")
async def test_of_several_ends_the_earliest_counts_and_is_said(room, redeemed, country_offer):
    for order in permutations(range(2)):
        unit = redeemed(**IBM, service_reference=country_offer)
        await operational(room, unit)
        back = transferred(unit, kind="lease_return", to_customer_id=None)
        facts = back, moved(unit, "FR", executed_on="2026-11-25")
        for place in order:
            await room.hear(facts[place])
        last = [fact for fact in await room.said() if isinstance(fact, ServiceEnded)][-1]
        assert (last.ended_on.isoformat(), last.reason) == ("2026-11-25", "move")
        assert await state(room, unit) == ("ended", "2026-11-25")


@pytest.mark.requirement("REG-17", "REG-18", "ACT-09")
async def test_services_of_a_contract_without_certificates_follow_their_product_or_end_like_others(room, country_offer):
    product = await registered(room, customer_id=CUSTOMER)
    await opened(room, product, services=[EVERYWHERE, "SPAC-ONSITE-36"])
    started = {fact.service_reference: fact for fact in await room.said() if isinstance(fact, ServiceActivated)}
    sale = sold(product)
    await room.hear(sale)
    (ended,) = [fact for fact in await room.said() if isinstance(fact, ServiceEnded)]
    assert (ended.service_reference, ended.ended_on) == ("SPAC-ONSITE-36", sale.last_billable_on)
    shown = (await room.get(f"/activations/{started[EVERYWHERE].activation_id}")).json()
    assert shown["customer_id"] == str(BUYER)
    assert shown["contract_id"] != str(started[EVERYWHERE].contract_id)


@pytest.mark.requirement("REG-18", "ACT-09")
async def test_a_service_of_a_contract_heeds_moves_from_its_start_on_and_not_those_before(room, country_offer):
    product = await registered(room, customer_id=CUSTOMER)
    await room.hear(moved(product, "NL"))
    await opened(room, product, services=[country_offer])
    await room.said()
    room.clock.advance(timedelta(days=-1))
    away = moved(product, "FR")
    for _ in range(2):
        await room.hear(away)
    ends = [fact for fact in await room.said() if isinstance(fact, ServiceEnded)]
    assert [(fact.service_reference, fact.reason) for fact in ends] == [(country_offer, "move")]


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_twenty_sales_at_the_same_moment_pass_the_service_from_hand_to_hand_to_the_last_buyer(room, redeemed):
    unit = redeemed(**IBM, service_reference=EVERYWHERE)
    hands = [unit.customer_id, *(uuid4() for _ in range(20))]
    sales = [transferred(unit, from_customer_id=seller, to_customer_id=buyer) for seller, buyer in pairwise(hands)]
    told = [(sale, uuid7()) for sale in sales]
    await asyncio.gather(room.hear(unit), *(room.hear(sale, fact) for sale, fact in reversed(told)))
    (item,) = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
    assert UUID(item["customer_id"]) == hands[-1]
    said = await room.said()
    assert [fact.customer_id for fact in said if isinstance(fact, ContractOpened)] == hands
    assert sum(isinstance(fact, ServiceActivated) for fact in said) == 1
    assert len([fact for fact in said if isinstance(fact, ContractTerminated)]) == 20


@pytest.mark.requirement("REG-18", "ACT-07", "ALL-02")
async def test_a_clock_that_jumps_in_both_directions_around_a_move_announces_and_ends_once(
    room, redeemed, country_offer
):
    unit = redeemed(**IBM, service_reference=country_offer)
    await room.hear(unit)
    start, away = room.clock.now(), moved(unit, "FR", executed_on="2026-11-30")
    said = []
    for days in (3, -200, 1, 400, 0):
        room.clock.set(start + timedelta(days=days))
        await room.fire_timers()
        await room.hear(away)
        await room.fire_timers()
        said += [type(fact) for fact in await of_services(room)]
    assert sorted(kind.__name__ for kind in said) == ["ServiceActivated", "ServiceEnded", "ServiceOperational"]
    assert said.index(ServiceActivated) == 0
    assert ServiceOperational in said
    assert await room.database.pool.fetchval(SETUPS) == 0
    assert await state(room, unit) == ("ended", "2026-11-30")

"""Lines that certificates, changes of hands and cancellations bring into contracts and take out (ACT-09, REG-17)."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.records import record_of
from uuid6 import uuid7

from activation_service.activations.domain import NewService
from activation_service.activations.handlers import hold_product, service, start
from activation_service.contracts.handlers import contract_for, hand_over, take_in, take_out
from activation_service.offers.handlers import offer_of
from activation_service.products.handlers import product_of
from chassis.database import Cause
from event_schemas.activation_contracts import ContractChanged, ContractOpened, ContractTerminated

from .agreements import BUYER, CUSTOMER, MAIL_IN, ON_SITE, at, opened, registered, shown

ENDS = date(2029, 11, 21)


async def redeem(room, product, certificate_id, service_reference=ON_SITE, ends_on=ENDS):
    """A unit of a certificate becomes a service and a line, as its conductor does it; the facts of both."""
    async with room.database.transaction(Cause("test")) as tx:
        await hold_product(product.product_id, tx)
        known = await product_of(product.product_id, tx)
        offer = await offer_of(product.brand, service_reference, tx)
        today = date(2026, 11, 22)
        ref = await contract_for(product.brand, certificate_id, known, known.customer_id, today, ends_on, tx)
        new = NewService(product.brand, known, offer, uuid7(), known.customer_id, contract=ref, ends_on=ends_on)
        activated = await start(new, tx)
        return activated, await take_in(ref, activated, tx)


async def out(room, activation_id, last_day):
    async with room.database.transaction(Cause("test")) as tx:
        return await take_out(UUID(str(activation_id)), last_day, tx)


async def handed_over(room, product, activation_id, buyer=BUYER, owner="buyer"):
    """A service whose product became another customer's, with what that says."""
    whose = "UPDATE products SET customer_id = $2, owner = $3 WHERE product_id = $1"
    await room.database.pool.execute(whose, product.product_id, buyer, owner)
    async with room.database.transaction(Cause("test")) as tx:
        known = await product_of(product.product_id, tx)
        return await hand_over(UUID(str(activation_id)), known, tx)


async def contract_of(room, fact):
    return await shown(room, {"contract_id": fact.contract_id})


@pytest.mark.requirement("ACT-09")
async def test_units_of_one_certificate_that_a_customer_uses_on_one_day_share_a_contract(room):
    certificate = uuid4()
    first, second = await registered(room), await registered(room)
    _, opening = await redeem(room, first, certificate)
    activated, addition = await redeem(room, second, certificate)
    assert isinstance(opening, ContractOpened)
    assert isinstance(addition, ContractChanged)
    assert opening.contract_id == addition.contract_id == activated.contract_id
    assert [line.serial for line in addition.added] == [second.serial]
    others = (
        await redeem(room, await registered(room), uuid4()),
        await redeem(room, await registered(room, customer_id=BUYER), certificate),
        await redeem(room, await registered(room, registered_by="a-dealer"), certificate),
        await redeem(room, await registered(room), certificate, ends_on=ENDS + timedelta(days=1)),
    )
    ids = {fact.contract_id for _, fact in others}
    assert len(ids) == 4
    assert opening.contract_id not in ids


@pytest.mark.requirement("ACT-09", "ALL-02")
async def test_twenty_units_of_one_certificate_at_the_same_moment_make_one_contract(room):
    certificate = uuid4()
    products = [await registered(room) for _ in range(20)]
    facts = [fact for _, fact in await asyncio.gather(*(redeem(room, one, certificate) for one in products))]
    assert len({fact.contract_id for fact in facts}) == 1
    assert sum(isinstance(fact, ContractOpened) for fact in facts) == 1
    assert (await contract_of(room, facts[0]))["line_count"] == 20
    number = "SELECT count(*) FROM contracts WHERE certificate_id = $1"
    assert await room.database.pool.fetchval(number, certificate) == 1


@pytest.mark.requirement("ACT-09", "ALL-02")
async def test_batches_of_three_partitions_with_units_of_the_same_certificates_make_one_contract_of_each(
    room, redeemed
):
    customer, certificates = uuid4(), [uuid4(), uuid4()]
    orders = (certificates, certificates[::-1], certificates)
    units = [[redeemed(certificate_id=one, customer_id=customer) for one in order * 2] for order in orders]
    batches = [[record_of(unit, uuid4().int % 10**9, now=room.clock.now()) for unit in batch] for batch in units]
    await asyncio.gather(*(room.delivery().take(batch) for batch in batches))
    found = (await room.get(f"/contracts?customer_id={customer}")).json()["items"]
    assert len(found) == 2
    assert [(await shown(room, contract))["line_count"] for contract in found] == [6, 6]


@pytest.mark.requirement("ACT-09", "ACT-14")
async def test_a_contract_whose_only_service_was_activated_in_error_is_terminated_at_once(room):
    activated, opening = await redeem(room, await registered(room), uuid4())
    fact = await out(room, activated.activation_id, None)
    assert isinstance(fact, ContractTerminated)
    assert (fact.by, fact.reason, fact.last_billable_on) == (None, "no_lines", date(2026, 11, 22))
    told = await contract_of(room, opening)
    assert (told["state"], told["lines"], told["renewable_from"]) == ("terminated", [], None)
    assert await out(room, activated.activation_id, None) is None
    assert await room.database.pool.fetchval("SELECT count(*) FROM timer WHERE kind LIKE 'contract-%'") == 0


@pytest.mark.requirement("ACT-09", "REG-17")
async def test_a_contract_ends_with_its_last_service_and_covers_until_that_day_is_over(room):
    certificate = uuid4()
    first, opening = await redeem(room, await registered(room), certificate)
    second, _ = await redeem(room, await registered(room), certificate)
    gone = await out(room, first.activation_id, date(2026, 12, 24))
    assert isinstance(gone, ContractChanged)
    assert [line.activation_id for line in gone.removed] == [first.activation_id]
    fact = await out(room, second.activation_id, date(2026, 12, 22))
    assert isinstance(fact, ContractTerminated)
    assert fact.last_billable_on == date(2026, 12, 24)  # that of the line that goes on longest
    at(room, "2026-12-24", "23:59")
    await room.fire_timers()
    assert (await contract_of(room, opening))["state"] == "active"
    at(room, "2026-12-25", "00:00")
    await room.fire_timers()
    told = await contract_of(room, opening)
    assert (told["state"], told["last_billable_on"]) == ("terminated", "2026-12-24")
    assert [event["what"] for event in told["history"]][-2:] == ["terminated", "ended"]


@pytest.mark.requirement("ACT-14", "REG-17")
async def test_a_service_that_is_to_end_and_is_then_cancelled_ends_its_contract_the_earlier_day(room):
    activated, opening = await redeem(room, await registered(room), uuid4())
    await out(room, activated.activation_id, date(2026, 12, 22))
    fact = await out(room, activated.activation_id, None)
    assert isinstance(fact, ContractTerminated)
    assert fact.last_billable_on == date(2026, 11, 22)
    assert (await contract_of(room, opening))["state"] == "terminated"


@pytest.mark.requirement("REG-17")
async def test_a_service_that_follows_its_product_leaves_the_contract_and_opens_the_buyers_to_the_same_end(room):
    first, second = await registered(room), await registered(room)
    contract = await opened(room, first, second)
    lines = {line["serial"]: line["activation_id"] for line in contract["lines"]}
    at(room, "2027-01-05")
    gone, opening = await handed_over(room, first, lines[first.serial])
    assert isinstance(gone, ContractChanged)
    assert isinstance(opening, ContractOpened)
    assert (opening.customer_id, str(opening.ends_on)) == (BUYER, contract["ends_on"])
    assert opening.starts_on == date(2027, 1, 6)  # the day after the former customer's last
    async with room.database.transaction(Cause("test")) as tx:
        moved = await service(UUID(lines[first.serial]), tx)
    assert (moved.contract_id, moved.contract_number) == (opening.contract_id, opening.contract_number)
    last, joined = await handed_over(room, second, lines[second.serial])
    assert isinstance(last, ContractTerminated)
    assert (joined.contract_id, len(joined.added)) == (opening.contract_id, 1)
    assert await handed_over(room, second, contract["contract_id"]) == []


@pytest.mark.requirement("REG-17")
async def test_a_service_that_comes_back_to_its_former_customer_gets_a_contract_of_its_own_again(room):
    product = await registered(room)
    contract = await opened(room, product)
    (line,) = contract["lines"]
    _, there = await handed_over(room, product, line["activation_id"])
    _, back = await handed_over(room, product, line["activation_id"], CUSTOMER, "")
    assert len({str(there.contract_id), str(back.contract_id), contract["contract_id"]}) == 3
    rows = "SELECT contract_id FROM contract_lines WHERE activation_id = $1 AND removed_on IS NULL"
    found = await room.database.pool.fetch(rows, UUID(line["activation_id"]))
    assert [row["contract_id"] for row in found] == [back.contract_id]


@pytest.mark.requirement("REG-17", "ACT-09")
async def test_no_day_is_charged_to_two_customers_when_a_product_is_sold_on_the_same_day_or_on_the_last_but_one(room):
    product = await registered(room)
    contract = await opened(room, product)
    (line,) = contract["lines"]
    _, there = await handed_over(room, product, line["activation_id"])
    _, further = await handed_over(room, product, line["activation_id"], CUSTOMER, "")
    at(room, "2027-11-20")
    _, last = await handed_over(room, product, line["activation_id"])
    rows = "SELECT contract_id, added_on, removed_on, cancelled FROM contract_lines WHERE activation_id = $1"
    found = {
        row["contract_id"]: tuple(row)[1:] for row in await room.database.pool.fetch(rows, UUID(line["activation_id"]))
    }
    assert found == {
        UUID(contract["contract_id"]): (date(2026, 11, 22), date(2026, 11, 22), False),
        there.contract_id: (date(2026, 11, 23), date(2026, 11, 23), True),  # never begun
        further.contract_id: (date(2026, 11, 23), date(2027, 11, 20), False),
        last.contract_id: (date(2027, 11, 21), None, False),
    }
    assert last.starts_on == last.ends_on == date(2027, 11, 21)


@pytest.mark.requirement("REG-17")
async def test_a_line_that_is_going_is_handed_over_for_the_days_that_are_left(room):
    product, other = await registered(room), await registered(room)
    contract = await opened(room, product, other)
    lines = {line["serial"]: line["activation_id"] for line in contract["lines"]}
    await out(room, lines[other.serial], date(2026, 12, 22))
    (fact,) = await handed_over(room, other, lines[other.serial])  # that it goes was said before
    assert isinstance(fact, ContractOpened)
    assert (fact.customer_id, fact.starts_on, fact.ends_on) == (BUYER, date(2026, 11, 23), date(2026, 12, 22))


@pytest.mark.requirement("REG-17")
async def test_what_is_over_is_not_handed_over(room):
    product = await registered(room)
    contract = await opened(room, product, await registered(room))
    (line,) = [one for one in contract["lines"] if one["serial"] == product.serial]
    at(room, "2027-11-22", "00:00")  # the day after the last, before its timer goes off
    (fact,) = await handed_over(room, product, line["activation_id"])
    assert isinstance(fact, ContractChanged)
    assert [one.serial for one in fact.removed] == [product.serial]
    told = await shown(room, contract)
    assert sorted(one["removed_on"] or "" for one in told["lines"]) == ["", "2027-11-21"]


@pytest.mark.requirement("ACT-09", "ACT-06")
async def test_a_service_of_before_there_were_contracts_has_none_to_leave(room):
    assert await out(room, uuid4(), date(2026, 12, 22)) is None
    product = await registered(room)
    assert await handed_over(room, product, uuid4()) == []


@pytest.mark.requirement("ACT-09", "ALL-02")
async def test_lines_that_go_at_the_same_moment_end_the_contract_once(room):
    products = [await registered(room) for _ in range(12)]
    contract = await opened(room, *products, services=[MAIL_IN])
    gone = await asyncio.gather(
        *(out(room, line["activation_id"], date(2026, 12, 1)) for line in contract["lines"] for _ in range(2))
    )
    assert sum(isinstance(fact, ContractChanged) for fact in gone) == 11
    assert sum(isinstance(fact, ContractTerminated) for fact in gone) == 1

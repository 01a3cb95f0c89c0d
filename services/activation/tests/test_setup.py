"""The end of the set-up is announced not before its moment, and once (ACT-07)."""

import asyncio
from datetime import timedelta

import pytest

from activation_service.activations.handlers import announce_operational
from chassis.database import Cause
from chassis.routes import Due
from event_schemas.activation import ServiceActivated, ServiceOperational
from event_schemas.registration import RegistrationCancelled

from .facts import SETUPS, of_services

INSTANT = timedelta(microseconds=1)


async def activated(room, redeemed, **changes) -> ServiceActivated:
    await room.hear(redeemed(**changes))
    (fact,) = await of_services(room)
    assert isinstance(fact, ServiceActivated)
    return fact


@pytest.mark.requirement("ACT-07")
async def test_a_service_is_operational_at_its_moment_and_not_an_instant_earlier(room, redeemed):
    service = await activated(room, redeemed)
    room.clock.set(service.operational_at - INSTANT)
    assert await room.fire_timers() == 0
    assert await of_services(room) == []
    room.clock.set(service.operational_at)
    assert await room.fire_timers() == 1
    shared = service.model_dump(include=set(ServiceOperational.model_fields))
    assert await of_services(room) == [ServiceOperational.model_validate(shared)]


@pytest.mark.requirement("ACT-07")
async def test_a_late_announcement_still_names_the_promised_moment(room, redeemed):
    service = await activated(room, redeemed)
    room.clock.advance(timedelta(days=30))
    await room.fire_timers()
    (fact,) = await of_services(room)
    assert fact.operational_at == service.operational_at


@pytest.mark.requirement("ACT-07")
async def test_a_clock_that_jumps_back_and_forth_announces_once(room, redeemed):
    service = await activated(room, redeemed)
    for jump in (-365, 365, -364, 1.9, 2.1, -10, 400):
        room.clock.set(service.activated_at + timedelta(days=jump))
        await room.fire_timers()
    assert [type(fact) for fact in await of_services(room)] == [ServiceOperational]


@pytest.mark.requirement("ACT-07")
async def test_a_clock_that_goes_back_before_the_moment_lets_the_service_wait(room, redeemed):
    service = await activated(room, redeemed)
    room.clock.set(service.activated_at - timedelta(days=30))
    assert await room.fire_timers() == 0
    room.clock.set(service.operational_at)
    assert await room.fire_timers() == 1


@pytest.mark.requirement("ACT-07")
async def test_several_timer_loops_at_once_announce_each_service_once(room, redeemed):
    services = [await activated(room, redeemed) for _ in range(20)]
    room.clock.advance(timedelta(days=2))
    await asyncio.gather(*(room.fire_timers() for _ in range(6)))
    said = [fact.activation_id for fact in await of_services(room)]
    assert sorted(said) == sorted(service.activation_id for service in services)


@pytest.mark.requirement("ACT-07")
async def test_a_certificate_heard_again_after_the_announcement_announces_nothing_more(room, redeemed):
    unit = redeemed()
    heard = await room.hear(unit)
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    await of_services(room)
    await room.hear(unit, heard)
    await room.hear(unit)
    room.clock.advance(timedelta(days=10))
    assert await room.fire_timers() == 0
    assert await of_services(room) == []


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize("state", ["operational", "cancelled"])
async def test_a_timer_that_goes_off_too_late_is_harmless(room, redeemed, state):
    unit = redeemed()
    await room.hear(unit)
    (service,) = await of_services(room)
    room.clock.advance(timedelta(days=2))
    if state == "operational":
        await room.fire_timers()
    else:
        shared = unit.model_dump(include=set(RegistrationCancelled.model_fields))
        await room.hear(RegistrationCancelled.model_validate(shared | {"reason": "customer_request"}))
    due = Due("setup-over", str(service.activation_id), service.operational_at, {})
    async with room.database.transaction(Cause("test")) as tx:
        assert await announce_operational([due], tx) == [None]
    (item,) = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
    assert item["state"] == state


@pytest.mark.requirement("ACT-07")
async def test_cancelling_while_the_timer_goes_off_ends_cancelled_and_says_it_at_most_once(room, redeemed):
    units = [redeemed() for _ in range(12)]
    for unit in units:
        await room.hear(unit)
    await of_services(room)
    room.clock.advance(timedelta(days=2))
    taken = [unit.model_dump(include=set(RegistrationCancelled.model_fields)) for unit in units]
    facts = [RegistrationCancelled.model_validate(each | {"reason": "customer_request"}) for each in taken]
    await asyncio.gather(*(room.hear(fact) for fact in facts), *(room.fire_timers() for _ in range(4)))
    await room.fire_timers()
    said = [fact.activation_id for fact in await of_services(room)]
    assert len(said) == len(set(said))
    serials = [unit.serial for unit in units]
    states = await room.database.pool.fetch("SELECT state FROM activations WHERE serial = ANY($1)", serials)
    assert [row["state"] for row in states] == ["cancelled"] * 12
    assert await room.database.pool.fetchval(SETUPS) == 0

"""A redeemed certificate, once, becomes a service; a cancelled one does not stay one."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ActivationRefused, ServiceActivated, ServiceOperational
from event_schemas.registration import RegistrationCancelled

from .facts import SETUPS, of_services


def taken_back(unit, reason="customer_request"):
    shared = unit.model_dump(include=set(RegistrationCancelled.model_fields))
    return RegistrationCancelled.model_validate(shared | {"reason": reason})


async def state_of(room, unit):
    items = (await room.get(f"/activations?serial={unit.serial}")).json()["items"]
    return [item["state"] for item in items]


@pytest.mark.requirement("ACT-01")
async def test_a_redeemed_certificate_activates_its_service_without_further_action(room, redeemed):
    unit = redeemed()
    heard = await room.hear(unit)
    headers = await room.database.pool.fetchval("SELECT headers::text FROM outbox")
    (fact,) = await of_services(room)
    assert isinstance(fact, ServiceActivated)
    assert fact.redemption_id == unit.redemption_id
    assert fact.activated_at == room.clock.now()
    assert fact.operational_at == room.clock.now() + timedelta(days=2)
    assert f'["ce_causationid","{heard}"]' in headers
    assert await state_of(room, unit) == ["in_setup"]


@pytest.mark.requirement("POL-01")
async def test_every_decision_carries_brand_and_policy_version(room, redeemed):
    await room.hear(redeemed())
    await room.hear(redeemed(service_reference="NO-SUCH-PACK"))
    rows = await room.database.pool.fetch("SELECT headers::text AS headers FROM outbox")
    assert len(rows) == 3  # the service and its contract, and the refusal
    for row in rows:
        assert '["ce_brand","dynabook"]' in row["headers"]
        assert '["ce_policyversion","2026-11-22"]' in row["headers"]


@pytest.mark.requirement("ACT-01")
async def test_the_same_message_delivered_again_activates_nothing_more(room, redeemed):
    unit = redeemed()
    first = await room.hear(unit)
    await of_services(room)
    await room.hear(unit, first)
    assert await of_services(room) == []
    assert await state_of(room, unit) == ["in_setup"]


@pytest.mark.requirement("ACT-01")
async def test_a_redemption_said_by_two_different_events_at_once_is_activated_once(room, redeemed):
    unit = redeemed()
    await asyncio.gather(*(room.hear(unit) for _ in range(8)))
    assert [type(fact) for fact in await of_services(room)] == [ServiceActivated]
    assert await state_of(room, unit) == ["in_setup"]
    assert await room.database.pool.fetchval(SETUPS) == 1


@pytest.mark.requirement("ACT-01")
async def test_a_refused_redemption_is_refused_once_and_leaves_no_service(room, redeemed):
    unit = redeemed(service_reference="NO-SUCH-PACK")
    await asyncio.gather(room.hear(unit), room.hear(unit))
    (fact,) = await of_services(room)
    assert isinstance(fact, ActivationRefused)
    assert fact.reason == "offer_unknown"
    assert await state_of(room, unit) == []
    assert await room.database.pool.fetchval(SETUPS) == 0


async def test_a_redemption_of_an_unknown_brand_is_a_dead_letter_and_leaves_nothing(room, redeemed):
    unit = redeemed(brand="nobody")
    with pytest.raises(AssertionError, match="known are carri, d-link, dynabook, ibm, samsung-belux"):
        await room.hear(unit)
    kept = "SELECT count(*) FROM redemptions WHERE redemption_id = $1"
    assert await room.database.pool.fetchval(kept, unit.redemption_id) == 0
    await room.database.pool.execute("DELETE FROM outbox")  # the dead letter's copy is no fact


@pytest.mark.requirement("ACT-07")
async def test_a_cancelled_registration_takes_the_timer_back_and_nothing_becomes_operational(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    await of_services(room)
    await room.hear(taken_back(unit))
    assert await room.database.pool.fetchval(SETUPS) == 0
    room.clock.advance(timedelta(days=3))
    assert await room.fire_timers() == 0
    assert await of_services(room) == []
    assert await state_of(room, unit) == ["cancelled"]


async def test_a_running_service_is_cancelled_as_well(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    room.clock.advance(timedelta(days=2))
    await room.fire_timers()
    assert [type(fact) for fact in await of_services(room)] == [ServiceActivated, ServiceOperational]
    await room.hear(taken_back(unit))
    assert await of_services(room) == []
    assert await state_of(room, unit) == ["cancelled"]


async def test_a_cancellation_heard_twice_keeps_its_first_moment(room, redeemed):
    unit = redeemed()
    await room.hear(unit)
    await room.hear(taken_back(unit))
    first = await room.database.pool.fetchval("SELECT max(cancelled_at) FROM activations")
    room.clock.advance(timedelta(hours=1))
    await room.hear(taken_back(unit))
    assert await room.database.pool.fetchval("SELECT max(cancelled_at) FROM activations") == first


async def test_a_cancellation_heard_before_its_certificate_leaves_no_service(room, redeemed):
    unit = redeemed()
    await room.hear(taken_back(unit))
    await room.hear(unit)
    assert await of_services(room) == []
    assert await state_of(room, unit) == []


async def test_a_refusal_that_gave_its_unit_back_stays_refused(room, redeemed):
    unit = redeemed(service_reference="NO-SUCH-PACK")
    await room.hear(unit)
    await room.hear(taken_back(unit, "activation_refused"))
    await room.hear(unit)
    assert [type(fact) for fact in await of_services(room)] == [ActivationRefused]


async def test_one_cancelled_redemption_leaves_another_of_the_same_product_alone(room, redeemed):
    unit = redeemed()
    again = unit.model_copy(update={"redemption_id": uuid4()})
    await room.hear(unit)
    room.clock.advance(timedelta(minutes=1))
    await room.hear(again)
    await room.hear(taken_back(unit))
    assert await state_of(room, unit) == ["in_setup", "cancelled"]
    assert await room.database.pool.fetchval(SETUPS) == 1

"""An activation in error never counted: the unit goes back, and everybody hears of it once (ACT-14)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import ActivationCancelled, ServiceActivated, ServiceOperational
from event_schemas.activation_contracts import ContractTerminated

from .facts import SETUPS
from .test_activations import taken_back

OWN = ["activations:read", "activations:write"]
DAYS = timedelta(days=2)


async def active(room, redeemed, **changes):
    unit = redeemed(**changes)
    await room.hear(unit)
    started = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    return unit, started, f"/activations/{started.activation_id}/cancellation"


def own(unit, *more):
    return {"scopes": [*OWN, *more], "claims": {"sub": "customer", "contact": str(unit.customer_id)}}


@pytest.mark.requirement("ACT-14")
async def test_a_customer_cancels_a_service_in_setup_and_registration_hears_whose_unit_goes_back(room, redeemed):
    unit, started, path = await active(room, redeemed)
    answer = await room.post(path, {}, **own(unit))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    cancelled, contract = await room.said()
    assert cancelled == ActivationCancelled(
        brand="dynabook",
        activation_id=started.activation_id,
        product_id=unit.product_id,
        redemption_id=unit.redemption_id,
        serial=unit.serial,
        service_reference=unit.service_reference,
        service_name="Pack Pro Connect 3 ans",
        customer_id=unit.customer_id,
    )
    assert (type(contract), contract.reason) == (ContractTerminated, "no_lines")
    assert await room.database.pool.fetchval(SETUPS) == 0
    room.clock.advance(3 * DAYS)
    await room.fire_timers()
    assert await room.said() == []


@pytest.mark.requirement("ACT-14")
async def test_after_the_setup_only_those_who_decide_activations_cancel_them(room, redeemed):
    unit, started, path = await active(room, redeemed)
    room.clock.advance(DAYS)
    await room.fire_timers()
    assert [type(fact) for fact in await room.said()] == [ServiceOperational]
    answer = await room.post(path, {}, **own(unit))
    assert (answer.status_code, answer.json()["code"]) == (409, "activation-set-up")
    assert await room.said() == []
    assert (await room.post(path, {}, **own(unit, "activations:decide"))).json()["state"] == "cancelled"
    assert isinstance((await room.said())[0], ActivationCancelled)
    again = await room.post(path, {})
    assert (again.status_code, again.json()["code"]) == (409, "activation-cancelled")
    shown = await room.get(f"/activations/{started.activation_id}")
    assert shown.json()["state"] == "cancelled"


@pytest.mark.requirement("ACT-14", "ALL-02")
async def test_registrations_answer_to_a_cancellation_changes_nothing_more(room, redeemed):
    unit, _, path = await active(room, redeemed)
    await room.post(path, {})
    at = "SELECT max(cancelled_at) FROM activations"
    moment = await room.database.pool.fetchval(at)
    await room.said()
    room.clock.advance(timedelta(minutes=1))
    for fact in (taken_back(unit, "activation_cancelled"), unit, taken_back(unit, "activation_cancelled")):
        await room.hear(fact)
    assert await room.said() == []
    assert await room.database.pool.fetchval(at) == moment


@pytest.mark.requirement("ACT-14", "ALL-02")
async def test_twenty_who_cancel_at_the_same_moment_cancel_once(room, redeemed):
    _, _, path = await active(room, redeemed)
    answers = await asyncio.gather(*(room.post(path, {}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert [type(fact) for fact in await room.said()] == [ActivationCancelled, ContractTerminated]


@pytest.mark.requirement("ACT-14", "ALL-02")
async def test_a_cancellation_while_registration_cancels_too_says_so_at_most_once(room, redeemed):
    for _ in range(6):
        unit, started, path = await active(room, redeemed)
        answers = await asyncio.gather(*(room.post(path, {}) for _ in range(5)), room.hear(taken_back(unit)))
        said = [type(fact) for fact in await room.said()]
        assert said.count(ActivationCancelled) == sum(answer.status_code == 200 for answer in answers[:-1]) <= 1
        assert said.count(ContractTerminated) == 1
        assert (await room.get(f"/activations/{started.activation_id}")).json()["state"] == "cancelled"


@pytest.mark.requirement("ACT-14", "ACT-07", "ALL-02")
async def test_a_cancellation_while_the_setup_ends_leaves_it_cancelled_and_announces_it_before_or_not_at_all(
    room, redeemed
):
    several = [await active(room, redeemed) for _ in range(10)]
    room.clock.advance(DAYS)
    await asyncio.gather(*(room.post(path, {}) for _, _, path in several), *(room.fire_timers() for _ in range(4)))
    await room.fire_timers()
    said = await room.said()
    for unit, started, _ in several:
        about = [type(fact) for fact in said if getattr(fact, "activation_id", None) == started.activation_id]
        assert about in ([ActivationCancelled], [ServiceOperational, ActivationCancelled])
        assert (await room.get(f"/activations?serial={unit.serial}")).json()["items"][0]["state"] == "cancelled"
    assert await room.database.pool.fetchval(SETUPS) == 0


@pytest.mark.requirement("ALL-06", "ACT-14")
async def test_a_service_that_the_caller_may_not_see_is_cancelled_like_one_that_does_not_exist(room, redeemed):
    unit, _, path = await active(room, redeemed)
    strangers = [
        {"scopes": OWN, "claims": {"sub": "stranger", "contact": str(uuid4())}},
        {"claims": {"brand": "ibm"}},
    ]
    answers = [await room.post(path, {}, **who) for who in strangers]
    answers.append(await room.post(f"/activations/{uuid4()}/cancellation", {}))
    told = [{key: answer.json()[key] for key in ("type", "title", "status", "detail", "code")} for answer in answers]
    assert told[0] == told[1] == told[2]
    assert told[0]["status"] == 404
    assert (await room.get(f"/activations?serial={unit.serial}")).json()["items"][0]["state"] == "in_setup"
    assert await room.said() == []

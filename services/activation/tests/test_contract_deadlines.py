"""What time does to a contract: reminders, and its end, in the brand's days (ACT-10)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from activation_service.contracts.deadlines import OVER, REMINDER, expire, remind
from chassis.database import Cause
from chassis.routes import Due
from event_schemas.activation_contracts import ContractExpired, ContractExpiring

from .agreements import at, opened, registered, renewed, said, shown

YEAR_END = "2027-11-21"
DUE = datetime(2026, 11, 22, tzinfo=UTC)


async def fired(room, day, time="12:00", brand="ibm"):
    """What is said when the clock stands there and everything due has gone off."""
    at(room, day, time, brand)
    while await room.fire_timers():
        pass
    return await said(room, ContractExpiring, ContractExpired)


@pytest.mark.requirement("ACT-10")
async def test_a_customer_is_reminded_90_30_and_7_days_before_the_end_in_the_morning_and_once_each(room):
    contract = await opened(room, await registered(room))
    assert contract["ends_on"] == YEAR_END
    told = []
    for day in ("2027-08-23", "2027-10-22", "2027-11-14"):
        assert await fired(room, day, "08:59") == []
        told += await fired(room, day, "09:00")
        assert await fired(room, day, "23:59") == []
    assert [(fact.days_left, str(fact.renewable_until)) for fact in told] == [
        (90, "2027-12-21"),
        (30, "2027-12-21"),
        (7, "2027-12-21"),
    ]


@pytest.mark.requirement("ACT-10")
async def test_a_contract_expires_when_its_last_day_is_over_where_the_brand_lives(room):
    contract = await opened(room, await registered(room))
    await fired(room, YEAR_END, "12:00")
    assert await fired(room, YEAR_END, "23:59") == []
    assert (await shown(room, contract))["state"] == "active"
    (fact,) = await fired(room, "2027-11-22", "00:00")
    assert room.clock.now() == datetime(2027, 11, 22, 5, tzinfo=UTC)  # midnight in Toronto
    assert isinstance(fact, ContractExpired)
    assert (fact.ends_on, fact.renewable_until) == (date(2027, 11, 21), date(2027, 12, 21))
    told = await shown(room, contract)
    assert (told["state"], told["history"][-1]["what"], told["history"][-1]["by"]) == (
        "expired",
        "expired",
        "activation",
    )


@pytest.mark.requirement("ACT-10")
async def test_a_contract_that_cannot_be_renewed_late_says_so_when_it_expires(room):
    product = await registered(room, brand="d-link", model="DGS-3130")
    await opened(room, product, services=["DAS-C-12"])
    *_, fact = await fired(room, "2027-11-22", "00:00", "d-link")
    assert isinstance(fact, ContractExpired)
    assert fact.renewable_until is None


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_a_clock_that_jumps_over_several_reminders_says_only_the_latest_with_the_true_days(room):
    await opened(room, await registered(room))
    (fact,) = await fired(room, "2027-10-25")
    assert fact.days_left == 27
    assert [one.days_left for one in await fired(room, "2027-11-14")] == [7]
    await opened(room, await registered(room))
    assert [type(one) for one in await fired(room, "2029-01-01")] == [ContractExpired, ContractExpired]


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_a_clock_that_goes_back_says_no_reminder_again(room):
    await opened(room, await registered(room))
    assert len(await fired(room, "2027-10-25")) == 1
    for day in ("2027-08-01", "2027-08-23", "2027-10-23"):
        assert await fired(room, day) == []
    assert [fact.days_left for fact in await fired(room, "2027-11-14")] == [7]


@pytest.mark.requirement("ACT-10")
async def test_a_short_contract_skips_the_reminders_that_lie_before_it(room):
    await opened(room, await registered(room), months=1)  # until 21 December
    assert [fact.days_left for fact in await fired(room, "2026-12-13")] == []
    assert [fact.days_left for fact in await fired(room, "2026-12-14")] == [7]


@pytest.mark.requirement("ACT-10")
async def test_after_a_renewal_the_reminders_are_those_of_the_new_term(room):
    contract = await opened(room, await registered(room))
    assert [fact.days_left for fact in await fired(room, "2027-08-23")] == [90]
    assert (await renewed(room, contract)).json()["ends_on"] == "2028-11-21"
    for day in ("2027-10-22", "2027-11-14", "2027-11-22", "2028-08-22"):
        assert await fired(room, day) == []
    days = ("2028-08-23", "2028-10-22", "2028-11-14")
    assert [fact.days_left for day in days for fact in await fired(room, day)] == [90, 30, 7]
    assert [type(fact) for fact in await fired(room, "2028-11-22")] == [ContractExpired]


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_a_timer_of_a_term_that_was_renewed_meanwhile_says_nothing(room):
    contract = await opened(room, await registered(room))
    at(room, "2027-11-20")
    await room.fire_timers()
    assert (await renewed(room, contract)).status_code == 200
    await said(room)
    at(room, "2027-11-22")
    for deed, kind in ((remind, REMINDER), (expire, OVER)):
        async with room.database.transaction(Cause("test")) as tx:
            assert await deed(Due(kind, contract["contract_id"], DUE, {}), tx) is None
    assert (await shown(room, contract))["state"] == "active"
    assert await fired(room, "2028-01-01") == []


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_a_timer_does_not_wait_for_a_contract_that_somebody_holds_and_goes_off_a_moment_later(room):
    contract = await opened(room, await registered(room))
    at(room, "2027-11-22", "00:00")
    async with room.database.transaction(Cause("test")) as tx:
        await tx.execute("SELECT FROM contracts WHERE contract_id = $1 FOR UPDATE", UUID(contract["contract_id"]))
        assert await asyncio.wait_for(room.fire_timers(), 5) > 0
        assert await said(room, ContractExpired) == []
    assert await room.fire_timers() == 0
    room.clock.advance(timedelta(seconds=1))
    await room.fire_timers()
    assert len(await said(room, ContractExpired)) == 1


@pytest.mark.requirement("ACT-10", "ALL-02")
async def test_renewals_while_timers_go_off_expire_nothing_that_was_renewed(room):
    contracts = [await opened(room, await registered(room)) for _ in range(12)]
    at(room, "2027-11-22", "00:00")
    await said(room)
    answers, *_ = await asyncio.gather(
        asyncio.gather(*(renewed(room, contract) for contract in contracts)), *(room.fire_timers() for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {200}
    room.clock.advance(timedelta(seconds=2))
    await room.fire_timers()
    assert {(await shown(room, contract))["state"] for contract in contracts} == {"active"}
    kinds = await room.database.pool.fetch("SELECT kind, count(*) AS n FROM timer GROUP BY kind ORDER BY kind")
    assert [(row["kind"], row["n"]) for row in kinds] == [(OVER, 12), (REMINDER, 12)]

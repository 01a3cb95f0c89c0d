"""The last day of a code is the one that was said when it was bought (ACT-03)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import CodeLapsed, CodeLapsing

from .asking import THREE_YEARS, at, ordered, presented, registered, someone, taken_back
from .test_codes import deadlines, shown, unit_of

CHANGE = f"/offers/{THREE_YEARS}/changes"


@pytest.fixture
async def offered(room):
    """How to change the days within which codes of an offer can be used."""

    async def days(many):
        answer = await room.post(CHANGE, {"brand": "d-link", "code_days": many})
        assert answer.status_code == 200, answer.text
        await room.said()

    yield days
    await days(90)


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize("now", [30, 400, None])
async def test_a_code_lapses_on_the_day_that_its_order_says_whatever_its_offer_says_by_now(room, offered, now):
    await offered(now)
    for last, said in (("2027-02-20", [CodeLapsing, CodeLapsed]), (None, [])):
        order = ordered(usable_until=last)
        await room.hear(order)
        (code,) = await shown(room, order)
        assert (code["lapses_on"], code["lapsed"]) == (last, False)
        told = []
        for day in ("2027-02-06", "2027-02-20", "2027-02-21"):
            at(room, day)
            told += [type(fact) for fact in await deadlines(room)]
        assert told == said
        at(room, "2026-11-22")


@pytest.mark.requirement("ACT-03")
async def test_an_order_of_before_has_the_days_of_its_offer(room, offered):
    await offered(30)
    order = ordered(purchased_on=None)
    await room.hear(order)
    (code,) = await shown(room, order)
    assert (code["purchased_on"], code["lapses_on"]) == ("2026-11-22", "2026-12-22")


@pytest.mark.requirement("ACT-03", "ACT-02")
async def test_a_code_that_was_bought_for_more_days_than_its_offer_has_now_is_presented(room, offered):
    person = await someone(room)
    item = person.item(await person.product(), purchased_on="2026-11-20")
    await offered(30)
    at(room, "2027-01-05")
    (refused,) = (await person.ask(item))["items"]
    assert refused["problem"]["code"] == "code-too-old"
    order = ordered(purchased_on="2026-11-20", quantity=1)  # usable until 18 February
    await room.hear(order)
    unit = unit_of(order, await registered(room))
    await room.hear(unit)
    await room.said()
    (refused,) = (await person.ask(item))["items"]  # no unit is left
    assert refused["problem"]["code"] == "code-too-old"
    await room.hear(taken_back(unit))
    await room.said()
    at(room, "2027-02-19")
    (refused,) = (await person.ask(item))["items"]
    assert refused["problem"]["code"] == "code-too-old"
    at(room, "2027-02-18")
    (asked,) = (await person.ask(item))["items"]
    assert (asked["state"], len(await presented(room))) == ("presented", 1)


@pytest.mark.requirement("ACT-03", "ALL-02")
async def test_units_that_go_and_come_while_their_order_is_heard_are_all_counted(room):
    for _ in range(10):
        order = ordered(quantity=9)
        units = [unit_of(order, await registered(room)) for _ in range(6)]
        returns = [taken_back(unit) for unit in units[:3]]
        facts = [*units[:5], order, *returns, units[5], *units, order]
        await asyncio.gather(*(room.hear(fact) for fact in facts))
        (code,) = await shown(room, order)
        assert code["units_left"] == 6
        counted = "SELECT count(*) FROM code_units WHERE certificate_id = $1 AND NOT given_back"
        assert await room.database.pool.fetchval(counted, order.certificate_id) == 3
    await room.said()


@pytest.mark.requirement("ACT-03")
async def test_a_code_that_is_used_up_is_listed_again_when_a_unit_comes_back(room):
    order = ordered(quantity=1, buyer_id=uuid4())
    await room.hear(order)
    unit = unit_of(order, await registered(room))
    await room.hear(unit)
    assert await shown(room, order) == []
    room.clock.advance(timedelta(days=1))
    await room.hear(taken_back(unit))
    assert [code["units_left"] for code in await shown(room, order)] == [1]
    await room.said()

"""A code is bought, used, given back, warned of before it lapses: over its facts and timers."""

import asyncio
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from activation_service.codes.handlers import CODE_LAPSED
from activation_service.policy import BOOK
from activation_service.policy import Code as CodeRule
from chassis import timers
from chassis.database import Cause
from event_schemas.activation import CodeLapsed, CodeLapsing
from event_schemas.registration import CertificateRedeemed

from .asking import at, ordered, registered, taken_back


@pytest.fixture
def warned_often(room, monkeypatch):
    """The brand warns 30, 14 and 7 days before the last one."""
    policy = BOOK.of("d-link").model_copy(update={"code": CodeRule(warn_days=(30, 14, 7))})
    monkeypatch.setitem(BOOK._policies, "d-link", policy)


def unit_of(order, product):
    told = product.model_dump(include=set(CertificateRedeemed.model_fields))
    ids = {"redemption_id": uuid4(), "certificate_id": order.certificate_id}
    return CertificateRedeemed.model_validate(told | ids | {"service_reference": order.service_reference})


async def deadlines(room):
    """What the timers say now, and nothing else was said."""
    await room.fire_timers()
    return [fact for fact in await room.said() if isinstance(fact, CodeLapsing | CodeLapsed)]


async def shown(room, order):
    """The buyer's list."""
    claims = {"sub": "buyer", "contact": str(order.buyer_id)}
    answer = await room.get("/codes", scopes=["activations:read"], claims=claims)
    return answer.json()["items"]


@pytest.mark.requirement("ACT-03")
async def test_a_code_is_warned_of_a_fortnight_before_its_last_day_and_lapses_the_day_after(room):
    order = ordered()
    await room.hear(order)
    at(room, "2027-02-06", "08:59")
    assert await deadlines(room) == []
    at(room, "2027-02-06", "09:00")
    (warning,) = await deadlines(room)
    assert isinstance(warning, CodeLapsing)
    told = {name: getattr(order, name) for name in ("certificate_id", "order_id", "buyer_id", "case_number")}
    assert told.items() <= warning.model_dump().items()
    assert (str(warning.lapses_on), str(warning.purchased_on), warning.units_left) == ("2027-02-20", "2026-11-22", 3)
    assert warning.service_name == "D-Link Assist 3 years, next business day"
    at(room, "2027-02-20", "23:59")
    assert await deadlines(room) == []
    at(room, "2027-02-21", "00:00")
    (end,) = await deadlines(room)
    assert isinstance(end, CodeLapsed)
    assert end.units_left == 3
    room.clock.advance(timedelta(days=400))
    assert await deadlines(room) == []


@pytest.mark.requirement("ACT-03")
async def test_a_clock_that_jumps_over_several_warnings_says_the_latest_one_only(room, warned_often):
    await room.hear(ordered())
    at(room, "2027-02-14")
    assert [type(fact) for fact in await deadlines(room)] == [CodeLapsing]
    at(room, "2027-01-25")  # and back again
    assert await deadlines(room) == []
    at(room, "2027-02-14")
    assert await deadlines(room) == []


@pytest.mark.requirement("ACT-03")
async def test_a_clock_that_jumps_over_the_last_day_says_that_it_has_lapsed_and_warns_of_nothing(room, warned_often):
    await room.hear(ordered())
    at(room, "2028-01-01")
    assert [type(fact) for fact in await deadlines(room)] == [CodeLapsed]
    assert await deadlines(room) == []


@pytest.mark.requirement("ACT-03")
async def test_each_warning_comes_once_when_days_pass_one_by_one(room, warned_often):
    await room.hear(ordered())
    said = []
    for _ in range(100):
        room.clock.advance(timedelta(days=1))
        said += [(type(fact), str(room.clock.now().date())) for fact in await deadlines(room)]
    assert said == [
        (CodeLapsing, "2027-01-21"),
        (CodeLapsing, "2027-02-06"),
        (CodeLapsing, "2027-02-13"),
        (CodeLapsed, "2027-02-21"),
    ]


@pytest.mark.requirement("ACT-03")
async def test_an_order_that_is_heard_late_is_warned_of_at_once(room, warned_often):
    at(room, "2027-02-10")
    await room.hear(ordered())
    assert [type(fact) for fact in await deadlines(room)] == [CodeLapsing]
    await room.hear(ordered(purchased_on="2026-01-01"))
    assert [type(fact) for fact in await deadlines(room)] == [CodeLapsed]


@pytest.mark.requirement("ACT-03")
async def test_an_order_that_does_not_say_when_it_was_bought_was_bought_on_the_brands_present_day(room):
    at(room, "2026-11-23", "00:30")  # still the 22nd elsewhere
    order = ordered(purchased_on=None)
    await room.hear(order)
    (code,) = await shown(room, order)
    assert (code["purchased_on"], code["lapses_on"]) == ("2026-11-23", "2027-02-21")


async def test_a_code_without_a_deadline_waits_for_nothing(room):
    order = ordered(brand="dynabook", service_reference="PPCP013FR-VGAD")
    await room.hear(order)
    (code,) = await shown(room, order)
    assert (code["lapses_on"], code["lapsed"], code["units_left"]) == (None, False, 3)
    assert await room.database.pool.fetchval("SELECT count(*) FROM timer WHERE kind LIKE 'code-%'") == 0


@pytest.mark.requirement("ACT-03")
async def test_a_code_whose_units_are_all_used_is_not_spoken_of(room):
    order = ordered(quantity=2)
    await room.hear(order)
    for _ in range(2):
        await room.hear(unit_of(order, await registered(room)))
    assert await shown(room, order) == []
    at(room, "2027-02-06")
    assert await deadlines(room) == []
    at(room, "2027-02-21")
    assert await deadlines(room) == []


@pytest.mark.requirement("ACT-03", "ACT-14")
@pytest.mark.parametrize(
    ("day", "said"), [("2027-02-10", [CodeLapsing]), ("2027-02-21", [CodeLapsed]), ("2027-01-01", [])]
)
async def test_a_unit_that_is_given_back_late_is_warned_of_at_once(room, day, said):
    order = ordered(quantity=1)
    await room.hear(order)
    unit = unit_of(order, await registered(room))
    await room.hear(unit)
    at(room, day)
    assert await deadlines(room) == []
    await room.hear(taken_back(unit))
    assert [type(fact) for fact in await deadlines(room)] == said
    await room.hear(taken_back(unit))
    assert await deadlines(room) == []


@pytest.mark.requirement("ACT-03")
async def test_units_count_the_same_in_whichever_order_they_are_heard_and_however_often(room):
    for way in permutations(range(4)):
        order, product = ordered(), await registered(room)
        first, second = unit_of(order, product), unit_of(order, await registered(room))
        facts = [order, first, second, taken_back(first)]
        for place in (*way, way[0]):
            await room.hear(facts[place])
        (code,) = await shown(room, order)
        assert (code["quantity"], code["units_left"]) == (3, 2)


@pytest.mark.requirement("ACT-03")
async def test_a_unit_given_back_while_the_lapse_is_said_makes_it_said_once(room):
    order = ordered()
    await room.hear(order)
    at(room, "2027-02-21")
    assert [type(fact) for fact in await deadlines(room)] == [CodeLapsed]
    async with room.database.transaction(Cause("test")) as tx:  # as by a return that had looked before
        await timers.arm(tx, CODE_LAPSED, str(order.certificate_id), room.clock.now())
    assert await deadlines(room) == []


async def test_an_order_said_by_several_events_at_once_is_one_code(room):
    order = ordered()
    await asyncio.gather(*(room.hear(order) for _ in range(8)))
    assert len(await shown(room, order)) == 1
    assert await room.database.pool.fetchval("SELECT count(*) FROM timer WHERE kind LIKE 'code-%'") == 2


@pytest.mark.requirement("ACT-03")
async def test_buyers_see_their_own_codes_and_staff_see_all(room):
    at(room, "2031-01-02")  # later than whatever else the room has heard
    mine, other = ordered(purchased_on="2030-12-01"), ordered()
    await room.hear(mine)
    room.clock.advance(timedelta(seconds=1))
    await room.hear(other)
    (code,) = await shown(room, mine)
    assert code == {
        "certificate_id": str(mine.certificate_id),
        "order_id": str(mine.order_id),
        "brand": "d-link",
        "case_number": mine.case_number,
        "service_reference": "DAS-A-36",
        "service_name": "D-Link Assist 3 years, next business day",
        "quantity": 3,
        "units_left": 3,
        "purchased_on": "2030-12-01",
        "lapses_on": "2031-03-01",
        "lapsed": False,
    }
    every = (await room.get("/codes?brand=d-link&limit=2", language="fr")).json()
    assert [one["case_number"] for one in every["items"]] == [other.case_number, mine.case_number]
    assert every["items"][0]["service_name"] == "D-Link Assist 3 ans, jour ouvré suivant"
    stranger = await room.get("/codes", scopes=["activations:read"], claims={"sub": "s", "contact": str(uuid4())})
    assert stranger.json()["items"] == []
    server = await room.get("/codes?brand=d-link", claims={"brand": "ibm"})
    assert server.json()["items"] == []


@pytest.mark.requirement("ACT-03")
async def test_codes_are_found_by_the_day_before_which_they_lapse(room):
    order = ordered(purchased_on="2026-10-01")
    await room.hear(order)
    claims = {"sub": "buyer", "contact": str(order.buyer_id)}
    for day, found in (("2026-12-30", 0), ("2026-12-31", 1)):
        answer = await room.get(f"/codes?lapsing_before={day}", scopes=["activations:read"], claims=claims)
        assert len(answer.json()["items"]) == found
    room.clock.advance(timedelta(days=60))
    assert (await shown(room, order))[0]["lapsed"] is True


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("brand=nobody", "brand-unknown", "/brand"),
        ("lapsing_before=soon", "fields-not-acceptable", "/query/lapsing_before"),
        ("cursor=nonsense", "cursor-malformed", "/cursor"),
    ],
)
async def test_a_wrong_question_about_codes_names_the_field(room, query, code, pointer):
    answer = await room.get(f"/codes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

"""Timers go off when they are due: never early, once, over failures, restarts and clock jumps."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.rooms import MORNING
from tests.support.toy import TOY
from tests.support.waiting import until

from chassis import timers
from chassis.database import Cause, Tx
from chassis.routes import Due, all_at, at
from chassis.timers import TimerLoop
from event_schemas.credits import CreditRequested

MICROSECOND, DAY = timedelta(microseconds=1), timedelta(days=1)


async def arm(room, subject: str, due_at=MORNING + 2 * DAY, payload=None) -> None:
    async with room.database.transaction(Cause("story-1", "cause-1")) as tx:
        await timers.arm(tx, "remind", subject, due_at, payload)


def reminded(due: Due) -> CreditRequested:
    """Something that a timer may say."""
    names = {name: uuid4() for name in ("credit_id", "ticket_id", "customer_id")}
    return CreditRequested(brand="acme", serial=due.subject, grms_number="GRMS1", **names)


async def fired(room) -> list[tuple[str, object, object]]:
    return [tuple(row) for row in await room.database.pool.fetch("SELECT subject, due_at, fired_at FROM reminder")]


@pytest.mark.requirement("ACT-07")
async def test_a_timer_does_not_go_off_a_microsecond_before_it_is_due_and_does_when_it_is(room):
    due = MORNING + 2 * DAY
    await arm(room, "S-1", due)
    room.clock.set(due - MICROSECOND)
    assert await room.fire_timers() == 0
    assert await fired(room) == []
    room.clock.set(due)
    assert await room.fire_timers() == 1
    assert await fired(room) == [("S-1", due, due)]
    assert await room.fire_timers() == 0


@pytest.mark.requirement("ACT-07", "ALL-02")
async def test_twelve_hundred_due_at_once_go_off_once_each_under_four_firers(room):
    async with room.database.transaction(Cause("story-1")) as tx:
        for number in range(1200):
            await timers.arm(tx, "remind", f"S-{number}", MORNING + timedelta(seconds=number))
    room.clock.advance(DAY)
    loops = [TimerLoop(room.database, TOY.alarms) for _ in range(4)]

    async def until_none(loop: TimerLoop) -> int:
        return sum([count async for count in counts(loop)])

    async def counts(loop: TimerLoop):
        while count := await loop.fire():
            yield count

    assert sum(await asyncio.gather(*map(until_none, loops))) == 1200
    assert Counter(subject for subject, *_ in await fired(room)) == Counter(f"S-{number}" for number in range(1200))
    assert await room.database.pool.fetchval("SELECT count(*) FROM timer") == 0


@pytest.mark.requirement("ACT-07", "ALL-02")
async def test_a_timer_that_goes_off_at_this_moment_is_not_waited_for_by_those_who_need_not_wait(room):
    await arm(room, "S-1")
    left = "SELECT count(*) FROM timer"
    async with room.database.transaction(Cause("story-1")) as firing:
        await firing.execute("SELECT FROM timer FOR UPDATE")
        async with asyncio.timeout(5), room.database.transaction(Cause("story-2")) as tx:
            await timers.cancel_unless_firing(tx, "remind", "S-1")
    assert await room.database.pool.fetchval(left) == 1
    async with room.database.transaction(Cause("story-2")) as tx:
        await timers.cancel_unless_firing(tx, "remind", "S-1")
    assert await room.database.pool.fetchval(left) == 0


@pytest.mark.requirement("ACT-07")
async def test_a_cancelled_timer_never_goes_off(room):
    await arm(room, "S-1")
    async with room.database.transaction(Cause("story-1")) as tx:
        assert await timers.cancel(tx, "remind", "S-1")
        assert not await timers.cancel(tx, "remind", "S-1"), "it is gone already"
    room.clock.advance(10 * DAY)
    assert await room.fire_timers() == 0


async def test_a_cancelled_timer_goes_off_after_all_when_the_cancelling_transaction_fails(room):
    await arm(room, "S-1", MORNING)
    connection = await room.database.pool.acquire()
    transaction = connection.transaction()
    await transaction.start()
    assert await timers.cancel(Tx(connection, MORNING, Cause("story-1")), "remind", "S-1")
    await transaction.rollback()
    await room.database.pool.release(connection)
    assert await room.fire_timers() == 1


@pytest.mark.requirement("ACT-07")
async def test_arming_again_moves_a_timer_later_and_earlier(room):
    for due in (MORNING + DAY, MORNING + 3 * DAY, MORNING + 2 * DAY):
        await arm(room, "S-1", due)
    room.clock.set(MORNING + 2 * DAY - MICROSECOND)
    assert await room.fire_timers() == 0
    room.clock.set(MORNING + 2 * DAY)
    assert await room.fire_timers() == 1
    assert len(await fired(room)) == 1


async def test_a_failing_timer_does_not_hold_up_others_and_backs_off(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    for number, subject in enumerate(["S-1", "BAD", "S-2"]):
        await arm(room, subject, MORNING + timedelta(seconds=number))
    room.clock.advance(timedelta(minutes=1))
    assert await room.fire_timers() == 2
    assert [subject for subject, *_ in await fired(room)] == ["S-1", "S-2"]
    waits = []
    for _ in range(14):
        row = await room.database.pool.fetchrow("SELECT not_before, attempts, last_error, due_at FROM timer")
        waits.append((row["not_before"] - room.clock.now()).total_seconds())
        room.clock.set(row["not_before"] - MICROSECOND)
        assert await room.fire_timers() == 0
        room.clock.set(row["not_before"])
        assert await room.fire_timers() == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    assert "BAD cannot be reminded" in row["last_error"]
    assert row["due_at"] == MORNING + timedelta(seconds=1), "what it was meant for stays"
    await room.database.pool.execute("DELETE FROM poison")
    room.clock.advance(timedelta(hours=2))
    assert await room.fire_timers() == 1
    assert len(await fired(room)) == 3


async def test_only_the_failing_timer_is_put_off_while_others_fire_at_the_same_time(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    await arm(room, "BAD", MORNING)
    for number in range(40):
        await arm(room, f"S-{number}", MORNING + timedelta(milliseconds=number))
    room.clock.advance(timedelta(minutes=1))
    counts = await asyncio.gather(*(TimerLoop(room.database, TOY.alarms).fire() for _ in range(4)))
    rows = await room.database.pool.fetch("SELECT subject FROM timer WHERE attempts > 0")
    assert [row["subject"] for row in rows] == ["BAD"]
    assert sum(counts) == len(await fired(room)) == 40


async def test_a_timer_that_is_armed_anew_while_it_fails_keeps_its_new_day(room):
    async def fail_after_a_change_of_mind(due, tx):
        raise ValueError("not today")

    await arm(room, "S-1", MORNING)
    loop = TimerLoop(room.database, [at("remind", fail_after_a_change_of_mind)])
    [row] = await room.database.pool.fetch(timers.CLAIM, MORNING, 1)
    await arm(room, "S-1", MORNING + DAY)
    await loop._put_off(row, ValueError("not today"))
    kept = await room.database.pool.fetchrow("SELECT due_at, not_before, attempts FROM timer")
    assert tuple(kept) == (MORNING + DAY, MORNING + DAY, 0)


@pytest.mark.requirement("ACT-07")
async def test_the_clock_may_jump_forward_and_back_and_the_timer_goes_off_once(room):
    await arm(room, "S-1", MORNING + 2 * DAY)
    await arm(room, "S-2", MORNING + 20 * DAY)
    for days, expected in ((1, 0), (5, 1), (0, 0), (3, 0), (19, 0), (21, 1), (2, 0), (40, 0)):
        room.clock.set(MORNING + days * DAY)
        assert await room.fire_timers() == expected, f"on day {days}"
    assert [subject for subject, *_ in await fired(room)] == ["S-1", "S-2"]


@pytest.mark.requirement("ACT-07")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dues=st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
    looks=st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
)
async def test_whatever_the_clock_does_no_timer_is_early_or_fires_twice(room, dues, looks):
    await room.database.pool.execute("TRUNCATE timer, reminder")
    for number, due in enumerate(dues):
        await arm(room, f"S-{number}", MORNING + timedelta(milliseconds=due))
    for look in looks:
        room.clock.set(MORNING + timedelta(milliseconds=look))
        await room.fire_timers()
    seen = await fired(room)
    assert all(fired_at >= due_at for _, due_at, fired_at in seen)
    assert Counter(subject for subject, *_ in seen) == {
        f"S-{number}": 1 for number, due in enumerate(dues) if due <= max(looks)
    }


@pytest.mark.requirement("ACT-07")
async def test_a_timer_survives_the_death_of_the_database_and_goes_off_once_afterwards(mortal_room):
    room, server = mortal_room
    await arm(room, "S-1", MORNING + 2 * DAY, {"note": "é\x00"})
    stop = asyncio.Event()
    running = asyncio.create_task(TimerLoop(room.database, TOY.alarms).run(stop, poll_seconds=0.01))
    await asyncio.to_thread(server.stop_immediately)
    room.clock.advance(2 * DAY)
    await asyncio.wait({running}, timeout=0.2)
    assert not running.done(), "a database that is away is waited out"
    await asyncio.to_thread(server.start)

    async def gone_off():
        return await fired(room)

    assert await until(gone_off, "the timer") == [("S-1", MORNING + 2 * DAY, MORNING + 2 * DAY)]
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_timer_of_a_kind_that_nobody_knows_stays_and_is_visible(room):
    async with room.database.transaction(Cause("story-1")) as tx:
        await timers.arm(tx, "forgotten", "S-1", MORNING)
    await arm(room, "S-2", MORNING)
    assert await room.fire_timers() == 1
    row = await room.database.pool.fetchrow("SELECT kind, last_error FROM timer")
    assert (row["kind"], "forgotten" in row["last_error"]) == ("forgotten", True)


async def test_a_timer_hands_its_payload_and_its_story_on(room):
    seen = []

    async def look(due, tx):
        seen.append((due.payload, tx.cause))

    await arm(room, "S-1", MORNING, {"days": 2, "who": "é"})
    await TimerLoop(room.database, [at("remind", look)]).fire()
    assert seen == [({"days": 2, "who": "é"}, Cause("story-1", "cause-1"))]


@pytest.mark.requirement("ACT-07")
async def test_timers_of_one_kind_can_go_off_together_and_each_one_tells_its_own_story(room):
    taken = []

    async def tell_all(dues, tx):
        taken.append([due.subject for due in dues])
        return [None if due.subject == "S-1" else reminded(due) for due in dues]

    for number in range(3):
        async with room.database.transaction(Cause(f"story-{number}")) as tx:
            await timers.arm(tx, "remind", f"S-{number}", MORNING + timedelta(seconds=number))
    room.clock.set(MORNING + DAY)
    assert await TimerLoop(room.database, [all_at("remind", tell_all)]).fire() == 3
    assert taken == [["S-0", "S-1", "S-2"]]
    rows = await room.database.pool.fetch("SELECT headers::text FROM outbox ORDER BY id")
    assert [("story-0" in row["headers"], "story-2" in row["headers"]) for row in rows] == [
        (True, False),
        (False, True),
    ]


async def test_one_bad_timer_among_those_that_go_off_together_is_put_off_alone(room):
    async def refuse_the_bad(dues, tx):
        if any(due.subject == "BAD" for due in dues):
            raise ValueError("this one never")
        return [reminded(due) for due in dues]

    for subject in ("S-1", "BAD", "S-2"):
        await arm(room, subject, MORNING)
    assert await TimerLoop(room.database, [all_at("remind", refuse_the_bad)]).fire() == 2
    left = await room.database.pool.fetch("SELECT subject, attempts FROM timer")
    assert [tuple(row) for row in left] == [("BAD", 1)]

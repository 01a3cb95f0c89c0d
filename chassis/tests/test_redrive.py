"""Dead letters get another try in their order, and the story of a key never runs backwards."""

import asyncio

import pytest
from tests.support.toy import TOY, note_return
from tests.support.toy.returns import accepted, effects, lane, letters, record_of, story

from chassis.codec import Record
from chassis.dead_letters import DeadLetterLimit
from chassis.deliver import Delivery
from chassis.redrive import Tally, redrive
from chassis.routes import Routes, on
from event_schemas.tickets import ReturnAccepted

POISONED = ["BAD", "S-1", "WORSE", "S-1", "S-1"]
PLACES = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 3)]


async def again(room, **chosen) -> Tally:
    return await redrive(room.database, room.delivery(), TOY.routes, **chosen)


@pytest.fixture
async def two_lanes(room):
    """Lane 1 waits behind BAD, lane 2 behind WORSE."""
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD'), ('WORSE')")
    await room.delivery().take(story(PLACES, POISONED))
    assert len(await letters(room.database.pool)) == 5
    return room


async def mend(room, *serials: str) -> None:
    await room.database.pool.execute("DELETE FROM poison WHERE serial = ANY($1::text[])", serials)


@pytest.mark.requirement("OPS-03", "ALL-02")
async def test_a_redrive_applies_each_lane_in_its_order(two_lanes):
    await mend(two_lanes, "BAD", "WORSE")
    assert await again(two_lanes) == Tally(applied=5, failed=0)
    done = await effects(two_lanes.database.pool)
    assert [step for ticket, step in done if ticket == 1] == [1, 2, 3]
    assert [step for ticket, step in done if ticket == 2] == [1, 2]
    assert await letters(two_lanes.database.pool) == []
    await two_lanes.database.pool.execute("DELETE FROM outbox WHERE topic = 'credits-dlq'")
    assert len(await two_lanes.said()) == 5


@pytest.mark.requirement("OPS-03")
async def test_a_lane_stops_at_the_first_that_fails_again_and_other_lanes_go_on(two_lanes):
    await mend(two_lanes, "WORSE")
    assert await again(two_lanes) == Tally(applied=2, failed=1)
    assert await effects(two_lanes.database.pool) == [(2, 1), (2, 2)]
    assert [offset for offset, _ in await letters(two_lanes.database.pool)] == [1, 2, 5]
    rows = await two_lanes.database.pool.fetch("SELECT attempt, message FROM dead_letter ORDER BY id")
    assert [row["attempt"] for row in rows] == [2, 1, 1]
    assert "BAD cannot be credited" in rows[0]["message"]


@pytest.mark.requirement("OPS-03")
async def test_one_key_is_redriven_alone(two_lanes):
    await mend(two_lanes, "BAD", "WORSE")
    assert await again(two_lanes, key=str(lane(2))) == Tally(applied=2, failed=0)
    assert await effects(two_lanes.database.pool) == [(2, 1), (2, 2)]
    assert await again(two_lanes, key="nobody's") == Tally()


@pytest.mark.requirement("OPS-03")
async def test_the_lanes_of_one_failure_group_are_redriven_alone_and_whole(two_lanes):
    await mend(two_lanes, "BAD", "WORSE")
    group = await two_lanes.database.pool.fetchval("SELECT fingerprint FROM dead_letter WHERE message LIKE '%WORSE%'")
    assert group is not None
    assert await again(two_lanes, fingerprint=group) == Tally(applied=2, failed=0)
    assert await effects(two_lanes.database.pool) == [(2, 1), (2, 2)]


@pytest.mark.requirement("OPS-03", "ALL-02")
async def test_a_redrive_that_is_repeated_or_runs_twice_at_once_has_one_effect(two_lanes):
    await mend(two_lanes, "BAD", "WORSE")
    tallies = await asyncio.gather(*(again(two_lanes) for _ in range(4)))
    assert sum(tally.applied for tally in tallies) == 5
    assert await again(two_lanes) == Tally()
    done = await effects(two_lanes.database.pool)
    assert sorted(done) == sorted(PLACES)
    assert [step for ticket, step in done if ticket == 1] == [1, 2, 3]


@pytest.mark.requirement("ALL-02")
async def test_a_message_that_was_redriven_and_comes_again_has_no_second_effect(two_lanes):
    await mend(two_lanes, "BAD", "WORSE")
    records = story([(3, 1)])
    await two_lanes.delivery().take(records)
    await again(two_lanes)
    await two_lanes.delivery().take(records)
    assert await letters(two_lanes.database.pool) == []
    assert len(await effects(two_lanes.database.pool)) == 6


async def test_what_nobody_can_read_stays_with_a_higher_attempt(room):
    good = record_of(accepted(1, 1), 1)
    keyless = Record(good.topic, 0, 2, None, good.headers, b"{")
    await room.delivery().take([Record(good.topic, 0, 1, good.key, good.headers, b"{"), keyless])
    assert await again(room) == Tally(applied=0, failed=2)
    assert await letters(room.database.pool) == [(1, "Undecodable"), (2, "Undecodable")]
    rows = await room.database.pool.fetch("SELECT attempt FROM dead_letter")
    assert [row["attempt"] for row in rows] == [2, 2]


async def test_odd_headers_come_back_from_the_table_as_they_were(room):
    good = record_of(accepted(1, 1), 1)
    headers = [*good.headers, ("x-odd", b"\x00\xff"), ("x-null", None), ("x-empty", b"")]
    await room.database.pool.execute("INSERT INTO poison VALUES ('S-1')")
    await room.delivery().take([Record(good.topic, 0, 1, good.key, headers, good.value)])
    await mend(room, "S-1")
    assert await again(room) == Tally(applied=1, failed=0)
    assert await effects(room.database.pool) == [(1, 1)]


async def test_a_message_that_finds_its_lane_closed_and_a_moment_later_open_is_applied(room):
    """The redrive empties the lane after the worker was told to wait and before it has lined up."""
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    first, second = story([(1, 1), (1, 2)], ["BAD"])
    await room.delivery().take([first])
    await mend(room, "BAD")

    class Interrupted(Delivery):
        tries = 0

        async def _together(self, batch):
            self.tries += 1
            try:
                await super()._together(batch)
            finally:
                if self.tries == 2:  # as one of a batch first, then alone
                    await again(room)

    await Interrupted(room.database, TOY.routes, DeadLetterLimit(1), asyncio.Event()).take([second])
    assert await effects(room.database.pool) == [(1, 1), (1, 2)]
    assert await letters(room.database.pool) == []


@pytest.mark.requirement("OPS-03", "ALL-02")
async def test_a_redrive_and_a_worker_that_adds_to_the_same_lanes_keep_every_story_in_order(room):
    lanes, steps = 6, 20
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    records = story([(ticket, step) for step in range(steps) for ticket in range(lanes)], ["BAD"] * lanes)
    await room.delivery().take(records[: lanes * 2])
    await mend(room, "BAD")

    async def work():
        delivery = room.delivery()
        for start in range(lanes * 2, len(records), lanes):
            await delivery.take(records[start : start + lanes])

    working = asyncio.create_task(work())
    while not working.done():
        await again(room)
        await asyncio.wait({working}, timeout=0.01)
    await working
    await again(room)
    done = await effects(room.database.pool)
    for ticket in range(lanes):
        assert [step for own, step in done if own == ticket] == list(range(steps))
    assert await letters(room.database.pool) == []


async def test_a_redrive_without_its_database_ends_with_that_error_and_changes_nothing(mortal_room):
    room, server = mortal_room
    await asyncio.to_thread(server.stop_immediately)
    with pytest.raises(OSError, match=r"."):
        await again(room)


async def test_a_deed_that_is_heard_no_longer_lets_its_letters_go(two_lanes):
    deaf = Routes([])
    tally = await redrive(two_lanes.database, two_lanes.delivery(), deaf)
    assert tally == Tally(applied=5, failed=0)
    assert await effects(two_lanes.database.pool) == []
    assert await letters(two_lanes.database.pool) == []
    assert Routes([on(ReturnAccepted, note_return)]).topics == ["tickets"]

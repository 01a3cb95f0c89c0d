"""The outbox goes to Kafka in order, all of it, and a row is deleted only when Kafka has it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY
from tests.support.topics import ends, make_topic, read
from tests.support.waiting import until
from uuid6 import uuid7

from chassis import outbox
from chassis.codec import Message
from chassis.database import Cause
from chassis.kafka.relay import LEADER_LOCK, Relay
from chassis.settings import Settings


@pytest.fixture
async def topic(own_kafka) -> str:
    return await make_topic(own_kafka.bootstrap, f"relay-{uuid4().hex[:8]}")


@asynccontextmanager
async def relaying(room, kafka, times: int = 1, pool=None) -> AsyncIterator[list[Relay]]:
    """So many relays at work on the room's outbox, by its pool or another one."""
    settings = Settings(database_url="postgresql://", kafka=kafka.bootstrap, environment="test")
    stop = asyncio.Event()
    relays = [Relay(pool or room.database.pool, settings, stop) for _ in range(times)]
    running = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield relays
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*running), 15)


def message(topic: str, key: int, step: int, room, payload: bytes | None = None) -> Message:
    value = payload if payload is not None else str(step).encode()
    return Message(uuid7(), topic, str(key).encode(), [("ce_id", b"\x00\xff"), ("none", None)], value, room.clock.now())


async def say(room, topic: str, places: Iterable[tuple[int, int]]) -> None:
    async with room.database.transaction(Cause("s")) as tx:
        await outbox.put(tx, [message(topic, key, step, room) for key, step in places])


async def left(room) -> int:
    return await room.database.pool.fetchval("SELECT count(*) FROM outbox")


async def emptied(room) -> None:
    async def empty():
        return await left(room) == 0

    await until(empty, "an empty outbox")


def stories(records) -> dict[int, list[int]]:
    told: dict[int, list[int]] = {}
    for record in records:
        told.setdefault(int(record.key), []).append(int(record.value))
    return told


@pytest.mark.requirement("ALL-02", "ALL-04")
async def test_every_message_arrives_in_the_order_of_its_key_with_its_headers(room, own_kafka, topic):
    places = [(number % 10, number // 10) for number in range(1200)]
    await say(room, topic, places[:700])
    async with relaying(room, own_kafka):
        await say(room, topic, places[700:])
        await emptied(room)
    records = await read(own_kafka.bootstrap, topic, 1200)
    assert stories(records) == {key: list(range(120)) for key in range(10)}
    assert {tuple(record.headers) for record in records} == {(("ce_id", b"\x00\xff"), ("none", None))}


@pytest.mark.requirement("ALL-02")
async def test_a_lower_id_that_is_committed_late_is_not_lost(room, own_kafka, topic):
    late = await room.database.pool.acquire()
    slow = late.transaction()
    await slow.start()
    await late.execute(outbox.PUT, *outbox.columns([message(topic, 1, 0, room)]))
    async with relaying(room, own_kafka) as [relay]:
        await say(room, topic, [(2, step) for step in range(40)])
        await emptied(room)
        await say(room, topic, [(3, step) for step in range(40)])
        await emptied(room)
        relay._floor = 10_000  # as after a busy time, in which it is never set back for lack of rows
        await slow.commit()
        await room.database.pool.release(late)
        await emptied(room)
    assert stories(await read(own_kafka.bootstrap, topic, 81))[1] == [0]


@pytest.mark.requirement("ALL-02")
async def test_one_of_two_relays_leads_and_the_other_takes_over_when_the_leader_s_connection_dies(
    room, own_kafka, topic
):
    async with relaying(room, own_kafka, times=2) as relays:

        async def one_leads():
            return sum(relay.sending for relay in relays) == 1

        await until(one_leads, "a leader")
        first = next(relay for relay in relays if relay.sending)
        second = next(relay for relay in relays if relay is not first)
        await say(room, topic, [(1, step) for step in range(50)])
        await emptied(room)
        assert not second.sending

        cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1"
        assert await room.database.pool.fetchval(cut, LEADER_LOCK)

        async def taken_over():
            return second.sending and not first.sending

        await until(taken_over, "the other relay as leader")
        await say(room, topic, [(1, step) for step in range(50, 100)])
        await emptied(room)
        assert await one_leads()
    assert stories(await read(own_kafka.bootstrap, topic, 100))[1] == list(range(100))


class Breaking:
    """asyncpg's pool as it is when the server cuts sessions off in the middle of a reply."""

    def __init__(self, pool, *errors: Exception) -> None:
        self._pool, self._errors = pool, list(errors)

    def acquire(self):
        if self._errors:
            raise self._errors.pop()
        return self._pool.acquire()

    async def spent(self) -> bool:
        return not self._errors


@pytest.mark.requirement("ALL-02")
async def test_a_relay_outlives_sessions_that_break_off_in_the_middle_of_a_reply(room, own_kafka, topic):
    broken = "cannot switch to state 12; another operation (2) is in progress"
    pool = Breaking(room.database.pool, asyncpg.InternalClientError(broken), ConnectionResetError())
    async with relaying(room, own_kafka, pool=pool):
        await say(room, topic, [(1, step) for step in range(50)])
        await emptied(room)
    assert stories(await read(own_kafka.bootstrap, topic, 50))[1] == list(range(50))


async def test_a_relay_dies_of_what_no_waiting_can_mend(room, own_kafka):
    pool = Breaking(room.database.pool, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        async with relaying(room, own_kafka, pool=pool):
            await until(pool.spent, "the error")


@pytest.mark.requirement("ALL-02")
async def test_while_the_broker_is_away_nothing_is_deleted_and_afterwards_nothing_is_missing(room, own_kafka, topic):
    room.clock.set(datetime.now(UTC) - timedelta(minutes=1))
    async with relaying(room, own_kafka) as [relay]:
        await say(room, topic, [(1, step) for step in range(100)])
        await emptied(room)
        await asyncio.to_thread(own_kafka.stop)
        await say(room, topic, [(1, step) for step in range(100, 200)])

        async def noticed():
            return (REGISTRY.get_sample_value("aftercare_outbox_oldest_seconds") or 0) > 60

        await until(noticed, "the age of the oldest message")
        assert await left(room) == 100
        await asyncio.to_thread(own_kafka.start)
        await emptied(room)

        async def leads():
            return relay.sending

        await until(leads, "the relay at work again")
    seen = stories(await read(own_kafka.bootstrap, topic, 200))[1]
    firsts = list(dict.fromkeys(seen))
    assert firsts == list(range(200)), "each arrived, and for the first time in its order"


@pytest.mark.requirement("ALL-02")
async def test_after_a_message_that_kafka_refuses_the_rest_goes_out_whole_with_a_new_producer(room, own_kafka, topic):
    narrow = await make_topic(own_kafka.bootstrap, f"{topic}-narrow", 1, max_message_bytes="2000")
    await say(room, topic, [(1, step) for step in range(20)])
    async with room.database.transaction(Cause("s")) as tx:
        await outbox.put(tx, [message(narrow, 9, 0, room, b"x" * 5000)])
    await say(room, topic, [(1, step) for step in range(20, 40)])
    async with relaying(room, own_kafka) as [relay]:
        for expected in (True, False):

            async def sends(expected=expected):
                return relay.sending is expected

            await until(sends, "a refusal")
        assert await room.database.pool.fetchval("SELECT count(*) FROM outbox WHERE topic = $1", narrow) == 1
        await room.database.pool.execute("DELETE FROM outbox WHERE topic = $1", narrow)
        await emptied(room)
    total = sum((await ends(own_kafka.bootstrap, topic)).values())
    seen = stories(await read(own_kafka.bootstrap, topic, total))[1]
    assert list(dict.fromkeys(seen)) == list(range(40)), "some may have come again, none out of turn"


@pytest.mark.parametrize("point", ["before-send", "after-send", "after-delete"])
@pytest.mark.requirement("ALL-02")
async def test_a_relay_that_is_killed_at_any_point_loses_nothing(room, own_kafka, topic, point, toy_process):
    places = [(key, step) for step in range(10) for key in range(5)]
    await say(room, topic, places)
    child = toy_process(room, own_kafka.bootstrap, "relay", KILL_AT=point)
    child.start()

    async def died():
        return child.died()

    await until(died, f"death at {point}")
    assert child.deaths == [-9]
    assert await left(room) == (0 if point == "after-delete" else 50)
    async with relaying(room, own_kafka):
        await emptied(room)
    copies = 2 if point == "after-send" else 1
    told = stories(await read(own_kafka.bootstrap, topic, 50 * copies))
    assert {key: list(dict.fromkeys(steps)) for key, steps in told.items()} == {
        key: list(range(10)) for key in range(5)
    }

"""What both runners promise: every message takes effect once, in the order of its key, whatever happens around it."""

import asyncio
import json

import httpx
import pytest
from tests.support.topics import committed, ends
from tests.support.toy.line import Line
from tests.support.toy.returns import letters
from tests.support.waiting import until

from chassis.codec import Record
from chassis.routes import Routes, on
from event_schemas.tickets import ReturnAccepted


@pytest.fixture(params=["plain", "faust"])
def kind(request) -> str:
    return request.param


@pytest.fixture
async def line(room, own_kafka, kind, tmp_path) -> Line:
    return await Line(room, own_kafka.bootstrap, kind, tmp_path).open()


@pytest.mark.requirement("ALL-02", "ALL-04")
async def test_every_message_takes_effect_once_in_the_order_of_its_key_around_a_poisoned_one(line):
    records = line.steps(0, 50)
    good = records[300]
    poison = Record(good.topic, 0, 0, b"somebody else's key", good.headers, b"{not json")
    await line.publish([*records[:300], poison, *records[300:]])
    async with line.reading() as reading:
        await line.all_done(50)
        await line.all_committed()
        assert reading.runner.consuming
    assert await line.told() == line.whole(50)
    assert [error for _, error in await letters(line.room.database.pool)] == ["Undecodable"]
    assert sum(reading.delivery.given.values()) == 601
    assert not reading.runner.consuming


@pytest.mark.requirement("ALL-02")
async def test_after_a_graceful_stop_nothing_is_delivered_again(line):
    await line.publish(line.steps(0, 10))
    async with line.reading():
        await line.all_done(10)
    assert await committed(line.bootstrap, line.group, line.topic) == await ends(line.bootstrap, line.topic)
    await line.publish(line.steps(10, 11))
    async with line.reading() as again:
        await line.all_done(11)
    assert sum(again.delivery.given.values()) == len(line.lanes)
    assert await line.told() == line.whole(11)


@pytest.mark.requirement("ALL-02")
async def test_two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves(line):
    async with line.reading() as stays:
        await line.publish(line.steps(0, 5))
        await line.all_done(5)
        async with line.reading() as leaves:
            sent = 5

            async def both_work():
                nonlocal sent
                await line.publish(line.steps(sent, sent + 1))
                sent += 1
                await line.all_done(sent)
                return leaves.delivery.given

            await until(both_work, "work of the second member")
        await line.publish(line.steps(sent, sent + 10))
        await line.all_done(sent + 10)
    assert await line.told() == line.whole(sent + 10)
    assert len(stays.delivery.given) == 3


@pytest.mark.requirement("ALL-02")
async def test_a_broker_that_stops_and_starts_again_costs_nothing(line, own_kafka):
    async with line.reading() as reading:
        await line.publish(line.steps(0, 10))
        await line.all_done(10)
        await asyncio.to_thread(own_kafka.restart)
        await line.publish(line.steps(10, 20))
        await line.all_done(20)
        await line.all_committed()
        assert not reading.running.done()
    assert await line.told() == line.whole(20)


@pytest.mark.requirement("ALL-02")
async def test_a_stop_while_the_world_is_broken_acknowledges_nothing(line):
    met = asyncio.Event()

    async def find_nobody_home(event, tx):
        met.set()
        raise ConnectionRefusedError

    await line.publish(line.steps(0, 3))
    async with line.reading(Routes([on(ReturnAccepted, find_nobody_home)])) as reading:
        await asyncio.wait_for(met.wait(), 20)
        reading.stop.set()
        await asyncio.wait_for(reading.running, 15)
    assert await committed(line.bootstrap, line.group, line.topic) == {}
    assert await letters(line.room.database.pool) == []
    async with line.reading():
        await line.all_done(3)
    assert await line.told() == line.whole(3)


@pytest.mark.requirement("ALL-02")
async def test_a_message_of_two_megabytes_is_applied_and_its_neighbours_too(line):
    records = line.steps(0, 3)
    large = records[20]
    padded = large.value[:-1] + b" " * 2_000_000 + b"}"
    await line.publish([*records[:20], Record(large.topic, 0, 0, large.key, large.headers, padded), *records[21:]])
    async with line.reading():
        await line.all_done(3)
    assert await line.told() == line.whole(3)


@pytest.mark.requirement("ALL-02", "OPS-01")
async def test_too_many_dead_letters_halt_the_worker_which_lives_on_and_says_so(line, toy_process):
    await line.publish([Record(one.topic, 0, 0, one.key, one.headers, b"{") for one in line.steps(0, 1)])
    told = {"TOPIC_PREFIX": line.prefix, "RUNNER": line.kind, "DEAD_LETTER_LIMIT": "5"}
    child = toy_process(line.room, line.bootstrap, "worker", **told)
    child.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{child.port}") as client:

        async def halted():
            try:
                answer = await client.get("/readyz")
            except httpx.HTTPError:
                return None
            return answer if "dead letters within a minute" in answer.text else None

        answer = await until(halted, "a halt")
        assert answer.status_code == 503
        assert "then redrive" in answer.json()["parts"]["worker"]
        assert (await client.get("/livez")).status_code == 200
        assert not child.died()
    assert len(await letters(line.room.database.pool)) == 6
    lines = [json.loads(text) for text in child.log.read_text().splitlines() if text.startswith("{")]
    assert [entry["reason"] for entry in lines if entry["event"] == "consumer stopped"]
    await child.end()

"""Batches of messages take effect once each, in order, whole or one by one."""

import asyncio

import pytest
from tests.support.records import id_of, with_header
from tests.support.toy.returns import accepted, effects, lane, letters, record_of, story

from chassis.codec import Record, headers_from_json
from chassis.dead_letters import DeadLetterLimit, TooManyDeadLetters
from chassis.deliver import Delivery
from chassis.routes import Routes, on
from event_schemas.credits import CreditRequested


def undecodable(offset: int, lane_number: int) -> Record:
    good = record_of(accepted(lane_number, 1), offset)
    return Record(good.topic, 0, offset, good.key, good.headers, b"{not json")


def delivery_with_limit(room, limit: int) -> Delivery:
    return Delivery(room.database, room.service.routes, DeadLetterLimit(limit), asyncio.Event())


async def transactions(room) -> int:
    """How many different transactions wrote the effects: xmin is the id of the one that wrote a row."""
    return await room.database.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM effect")


@pytest.mark.requirement("ALL-02")
async def test_a_batch_is_one_transaction_in_the_order_of_its_messages(room):
    places = [(1, 1), (2, 1), (1, 2), (1, 3), (2, 2)]
    await room.delivery().take(story(places))
    assert await effects(room.database.pool) == places
    assert await transactions(room) == 1
    facts = await room.said()
    assert [(fact.ticket_id.int, int(fact.grms_number)) for fact in facts] == places
    assert {type(fact) for fact in facts} == {CreditRequested}


@pytest.mark.requirement("ALL-02")
async def test_an_event_that_stands_twice_in_a_batch_takes_effect_once(room):
    first, second = story([(1, 1), (1, 2)])
    copy = Record(first.topic, 0, 9, first.key, first.headers, first.value)
    await room.delivery().take([first, second, copy])
    assert await effects(room.database.pool) == [(1, 1), (1, 2)]


@pytest.mark.requirement("ALL-02")
async def test_an_event_that_comes_again_in_a_later_batch_takes_effect_once(room):
    records = story([(1, 1), (2, 1)])
    for batch in (records, records, records[1:]):
        await room.delivery().take(batch)
    assert await effects(room.database.pool) == [(1, 1), (2, 1)]
    assert len(await room.said()) == 2


@pytest.mark.requirement("ALL-02")
async def test_an_event_that_two_workers_take_at_the_same_time_takes_effect_once(room):
    records = story([(number % 7, number) for number in range(50)])
    await asyncio.gather(*(room.delivery().take(records) for _ in range(4)))
    assert await effects(room.database.pool) == [(number % 7, number) for number in range(50)]


@pytest.mark.requirement("ALL-02")
async def test_only_the_poisoned_message_of_a_batch_is_set_aside_and_its_neighbours_are_applied(room):
    records = story([(1, 1), (2, 1), (3, 1)])
    batch = [records[0], undecodable(7, 9), records[1], records[2]]
    await room.delivery().take(batch)
    assert await effects(room.database.pool) == [(1, 1), (2, 1), (3, 1)]
    assert await letters(room.database.pool) == [(7, "Undecodable")]


@pytest.mark.requirement("ALL-02")
async def test_a_handler_that_raises_leaves_no_trace_but_its_dead_letter(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    records = story([(1, 1), (2, 1), (3, 1)], ["S-1", "BAD"])
    await room.delivery().take(records)
    assert await effects(room.database.pool) == [(1, 1), (3, 1)]
    assert await letters(room.database.pool) == [(2, "ValueError")]
    assert await room.database.pool.fetchval("SELECT count(*) FROM inbox WHERE event_id = $1", id_of(records[1])) == 0
    said = [await room.database.pool.fetchval("SELECT count(*) FROM outbox WHERE topic = $1", topic)
            for topic in ("credits", "credits-dlq")]  # fmt: skip
    assert said == [2, 1]


@pytest.mark.requirement("ALL-02", "OPS-03")
async def test_later_messages_of_the_key_wait_behind_the_dead_letter_while_other_keys_go_on(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    records = story([(1, 1), (1, 2), (2, 1), (1, 3), (2, 2)], ["S-1", "BAD"])
    await room.delivery().take(records[:3])
    await room.database.pool.execute("DELETE FROM poison")
    await room.delivery().take(records[3:])
    assert await effects(room.database.pool) == [(1, 1), (2, 1), (2, 2)]
    assert await letters(room.database.pool) == [(2, "ValueError"), (4, "WaitsBehind")]


@pytest.mark.requirement("ALL-02")
async def test_a_dead_letter_that_comes_again_is_there_once_and_is_not_counted_again(room):
    batch = [undecodable(7, 1)]
    delivery = delivery_with_limit(room, 1)
    for _ in range(3):
        await delivery.take(batch)
    assert await letters(room.database.pool) == [(7, "Undecodable")]
    assert await room.database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_an_event_that_was_applied_before_its_lane_closed_is_no_dead_letter_when_it_comes_again(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    records = story([(1, 1), (1, 2)], ["S-1", "BAD"])
    await room.delivery().take(records)
    await room.delivery().take(records)
    assert await letters(room.database.pool) == [(2, "ValueError")]


async def test_messages_without_a_key_do_not_wait_for_each_other(room):
    bad, good = undecodable(1, 1), record_of(accepted(1, 2), 2)
    keyless = [Record(one.topic, 0, one.offset, None, one.headers, one.value) for one in (bad, good)]
    await room.delivery().take(keyless)
    assert await effects(room.database.pool) == [(1, 2)]
    assert await letters(room.database.pool) == [(1, "Undecodable")]


@pytest.mark.requirement("OPS-03", "ALL-04")
async def test_the_copy_on_the_dead_letter_topic_has_the_original_headers_untouched_and_says_what_happened(room):
    bad = undecodable(41, 5)
    headers = [
        *with_header(bad.headers, "x-odd", b"\x00\xff\xfe"),
        ("x-empty", b""),
        ("x-null", None),
        ("x-empty", b"2"),
    ]
    record = Record(bad.topic, 3, 41, bad.key, headers, b"\x00\xff{")
    await room.delivery().take([record])
    row = await room.database.pool.fetchrow("SELECT * FROM outbox")
    written = headers_from_json(row["headers"])
    assert written[: len(headers)] == headers
    own = {name.removeprefix("dlq_"): value.decode() for name, value in written[len(headers) :]}
    assert (row["topic"], row["msg_key"], row["payload"]) == ("credits-dlq", bad.key, b"\x00\xff{")
    assert {name: own[name] for name in ("topic", "partition", "offset", "consumer", "error_class", "attempt")} == {
        "topic": "tickets",
        "partition": "3",
        "offset": "41",
        "consumer": "credits",
        "error_class": "Undecodable",
        "attempt": "1",
    }
    assert "JSON" in own["message"]
    assert own["first_failed_at"] == "2026-11-22T09:00:00+00:00"
    assert own["fingerprint"] == await room.database.pool.fetchval("SELECT fingerprint FROM dead_letter")


@pytest.mark.requirement("ALL-02")
async def test_a_message_of_two_megabytes_is_applied_or_set_aside_whole(room):
    good = record_of(accepted(1, 1), 1)
    padded = Record(good.topic, 0, 1, good.key, good.headers, good.value[:-1] + b" " * 2_000_000 + b"}")
    await room.delivery().take([padded, Record(good.topic, 0, 2, b"other", good.headers, b"[" + b"x" * 2_000_000)])
    assert await effects(room.database.pool) == [(1, 1)]
    rows = await room.database.pool.fetch("SELECT length(payload) AS n FROM dead_letter UNION ALL "
                                          "SELECT length(payload) FROM outbox WHERE topic = 'credits-dlq'")  # fmt: skip
    assert [row["n"] for row in rows] == [2_000_001, 2_000_001]


async def test_a_message_too_long_for_the_dead_letter_topic_is_kept_whole_in_the_table_and_announced_without_its_value(
    room,
):
    good = record_of(accepted(1, 1), 1)
    await room.delivery().take([Record(good.topic, 0, 1, good.key, good.headers, b"x" * 5_000_001)])
    assert await room.database.pool.fetchval("SELECT length(payload) FROM dead_letter") == 5_000_001
    row = await room.database.pool.fetchrow("SELECT payload, headers::text AS headers FROM outbox")
    assert row["payload"] is None
    assert "dlq_left_out" in row["headers"]


@pytest.mark.parametrize("text", ["\x00 in the middle", "lone \ud800 surrogate", "é" * 5000])
async def test_no_text_of_an_error_keeps_its_message_from_being_set_aside(room, text):
    async def fail(event, tx):
        raise ValueError(text)

    routes = Routes([on(type(accepted(1, 1)), fail)])
    delivery = Delivery(room.database, routes, DeadLetterLimit(5), asyncio.Event())
    await delivery.take(story([(1, 1)]))
    assert await letters(room.database.pool) == [(1, "ValueError")]


@pytest.mark.requirement("ALL-02")
async def test_too_many_dead_letters_within_a_minute_stop_the_consumer_and_say_what_to_do(room):
    delivery = delivery_with_limit(room, 3)
    with pytest.raises(TooManyDeadLetters, match=r"at most 3 .* then redrive"):
        await delivery.take([undecodable(offset, offset) for offset in range(1, 10)])
    assert [offset for offset, _ in await letters(room.database.pool)] == [1, 2, 3, 4]


async def test_messages_that_wait_behind_a_dead_letter_do_not_count_against_the_limit(room):
    await delivery_with_limit(room, 1).take([undecodable(1, 1), *story([(1, step) for step in range(2, 30)])[1:]])
    assert len(await letters(room.database.pool)) == 28


async def test_the_limit_forgets_what_is_more_than_a_minute_old(room):
    delivery = delivery_with_limit(room, 1)
    for offset in range(1, 5):
        await delivery.take([undecodable(offset, offset)])
        room.clock.set(room.clock.now().replace(minute=offset * 2))
    assert len(await letters(room.database.pool)) == 4


async def test_each_deed_knows_the_story_and_the_event_that_moved_it(room):
    [record] = story([(1, 1)])
    headers = with_header(record.headers, "ce_correlationid", b"story-9")
    await room.delivery().take([Record(record.topic, 0, 1, record.key, headers, record.value)])
    assert await room.database.pool.fetchval("SELECT event_id FROM effect") == str(id_of(record))
    row = await room.database.pool.fetchrow("SELECT headers::text AS headers, msg_key FROM outbox")
    assert "story-9" in row["headers"]
    assert str(id_of(record)) in row["headers"]
    assert row["msg_key"] == str(lane(1)).encode()

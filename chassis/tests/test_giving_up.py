"""What is given up, cleared away, passed over or kept short: the ways out that operators and later versions need."""

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError
from tests.support.records import with_header
from tests.support.toy import TOY
from tests.support.toy.returns import effects, letters, story

from chassis.codec import Record, Undecodable, decode
from chassis.inbox import KEPT_DAYS, forget_applied
from chassis.redrive import Tally, discard, redrive, waiting
from chassis.told import told

PLACES = [(1, 1), (1, 2)]


@pytest.fixture
async def blocked(room):
    """Lane 1, whose first message can never be applied."""
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    await room.delivery().take(story(PLACES, ["BAD", "S-1"]))
    return room


@pytest.mark.requirement("OPS-03")
async def test_what_waits_is_listed_with_its_address_and_without_its_content(blocked):
    listed = await waiting(blocked.database)
    assert [letter["offset"] for letter in listed] == [1, 2]
    assert all(letter["bytes"] > 0 and "payload" not in letter for letter in map(dict, listed))


@pytest.mark.requirement("OPS-03")
async def test_a_dead_letter_that_is_given_up_opens_its_lane(blocked):
    first = (await waiting(blocked.database))[0]
    assert await discard(blocked.database, first["id"], "the sender said it again, rightly")
    assert await redrive(blocked.database, blocked.delivery(), TOY.routes) == Tally(applied=1, failed=0)
    assert await effects(blocked.database.pool) == [(1, 2)]
    assert await letters(blocked.database.pool) == []


async def test_giving_up_what_does_not_exist_is_said(room):
    assert not await discard(room.database, 4711, "nothing")


async def test_ids_are_forgotten_only_when_no_topic_can_bring_them_again(room):
    await room.delivery().take(story(PLACES))
    pool = room.database.pool
    await pool.execute(
        "UPDATE inbox SET entered_at = now() - make_interval(days => $1) "
        "WHERE event_id = (SELECT min(event_id::text)::uuid FROM inbox)",
        KEPT_DAYS + 1,
    )
    await forget_applied(room.database)
    assert await pool.fetchval("SELECT count(*) FROM inbox") == 1


@pytest.mark.requirement("ALL-04")
def test_a_newer_version_said_beside_the_one_that_is_heard_is_passed_over():
    record = story([(1, 1)])[0]
    newer = with_header(record.headers, "ce_type", b"return.accepted.v2")
    both = with_header(newer, "ce_alsosaidas", b"return.accepted.v1")
    assert decode(of(record, both), TOY.routes.classes) is None
    with pytest.raises(Undecodable, match="is unknown; accepted"):
        decode(of(record, newer), TOY.routes.classes)


@pytest.mark.requirement("ALL-04")
def test_a_story_from_outside_that_is_no_story_is_not_handed_on():
    record = story([(1, 1)])[0]
    long = with_header(record.headers, "ce_correlationid", b"x" * 1_000_000)
    incoming = decode(of(record, with_header(long, "traceparent", b"nonsense")), TOY.routes.classes)
    assert incoming is not None
    assert incoming.cause.correlation_id == str(incoming.event_id)
    assert incoming.cause.traceparent is None


def of(record: Record, headers) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, headers, record.value)


@pytest.mark.requirement("ALL-05")
async def test_an_error_of_the_database_is_told_without_the_row(room):
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await room.database.pool.execute("INSERT INTO poison VALUES ('Jeanne Martin'), ('Jeanne Martin')")
    assert "Jeanne" in str(caught.value.detail)
    assert told(caught.value) == "UniqueViolationError 23505 poison poison_pkey"


@pytest.mark.requirement("ALL-05")
def test_a_value_that_does_not_fit_is_told_by_its_place():
    class Person(BaseModel):
        age: int

    with pytest.raises(ValidationError) as caught:
        Person.model_validate({"age": "Jeanne Martin"})
    assert told(caught.value) == "Person: /age: int_parsing"


async def test_a_message_of_nothing_at_all_is_set_aside_as_something_that_can_be_sent(room):
    await room.delivery().take([Record("tickets", 0, 1, None, [("ce_type", b"return.accepted.v1")], None)])
    row = await room.database.pool.fetchrow("SELECT msg_key, payload FROM outbox WHERE topic = 'credits-dlq'")
    assert (row["msg_key"], row["payload"]) == (None, b"")

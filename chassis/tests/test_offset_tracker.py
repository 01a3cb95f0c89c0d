"""faust's offsets, mended: nothing is committed past a message that was read and is not acknowledged."""

import asyncio
from dataclasses import dataclass

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.kafka import faust_tracker
from chassis.kafka.faust_runner import FaustRunner
from chassis.settings import Settings

PART = TopicPartition("tickets", 0)
OTHER = TopicPartition("tickets", 1)


@dataclass(eq=False)
class Read:
    """A message as the consumer sees it."""

    offset: int
    tp: TopicPartition = PART
    acked: bool = False

    @property
    def topic(self) -> str:
        return self.tp.topic


class Tracked:
    """The mended consumer of a real faust app, fed with messages instead of a broker's."""

    def __init__(self, tmp_path="/tmp") -> None:
        faust_tracker.install()
        told = Settings(database_url="postgresql://", kafka="127.0.0.1:9", environment="test", data_dir=tmp_path)
        app = FaustRunner(told, "group", ["tickets"], None, asyncio.Event())._app()  # no message reaches a delivery
        app.topics._acking_topics.add("tickets")
        self.consumer = app._new_consumer()
        self.consumer._read_offset = dict.fromkeys((PART, OTHER))
        assert isinstance(self.consumer, faust_tracker.SafeConsumer)

    async def read(self, *offsets: int, tp: TopicPartition = PART) -> list[Read]:
        messages = [Read(offset, tp) for offset in offsets]

        async def arrive(_self, timeout):
            for message in messages:
                yield message.tp, message

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(faust_tracker.driver.Consumer, "getmany", arrive)
            async for part, message in self.consumer.getmany(1.0):
                self.consumer._read_offset[part] = message.offset
        return messages

    def ack(self, *messages: Read) -> None:
        for message in messages:
            self.consumer.ack(message)

    def commit(self, tp: TopicPartition = PART) -> int | None:
        """What would be committed now, and is from then on."""
        new = self.consumer._new_offset(tp)
        if new is not None:
            self.consumer._committed_offset[tp] = new
        return new


@pytest.fixture
def tracked(tmp_path) -> Tracked:
    return Tracked(tmp_path)


@pytest.mark.requirement("ALL-02")
async def test_one_unacknowledged_message_at_the_head_is_not_stepped_over(tracked):
    tracked.consumer._committed_offset[PART] = 37
    head, second = await tracked.read(37, 38)
    tracked.ack(second)
    assert tracked.commit() is None
    tracked.ack(head)
    assert tracked.commit() == 39


@pytest.mark.parametrize("committed", [None, 0])
async def test_without_a_commit_so_far_nothing_is_stepped_over_either(tracked, committed):
    tracked.consumer._committed_offset[PART] = committed
    messages = await tracked.read(*range(7))
    tracked.ack(*messages[5:])
    assert tracked.commit() in (None, 0)
    tracked.ack(*messages[:5])
    assert tracked.commit() == 7


@pytest.mark.parametrize("missing", [1, 2, 3])
async def test_a_hole_of_any_width_holds_the_offset(tracked, missing):
    messages = await tracked.read(*range(10, 20))
    tracked.ack(*messages[:4], *messages[4 + missing :])
    assert tracked.commit() == 14
    assert tracked.commit() is None
    tracked.ack(*messages[4 : 4 + missing])
    assert tracked.commit() == 20


async def test_a_gap_that_compaction_left_does_not_count_its_last_record_as_acknowledged(tracked):
    first, after_gap, last = await tracked.read(10, 15, 16)
    await tracked.consumer._add_gap(PART, 11, 15)
    tracked.ack(first, last)
    assert tracked.commit() == 15
    tracked.ack(after_gap)
    assert tracked.commit() == 17


async def test_partitions_are_counted_apart_and_a_lost_one_commits_no_more(tracked):
    ours = await tracked.read(0, 1)
    theirs = await tracked.read(0, 1, tp=OTHER)
    tracked.ack(*ours, theirs[1])
    assert tracked.commit(OTHER) in (None, 0)
    await tracked.consumer.on_partitions_revoked({PART})
    tracked.ack(*ours)
    assert tracked.commit() is None


async def test_what_faust_drops_as_already_read_is_not_waited_for(tracked):
    tracked.consumer._read_offset[PART] = 5
    old, new = await tracked.read(4, 6)
    tracked.ack(new)
    assert not old.acked
    assert tracked.commit() == 7


@pytest.mark.requirement("ALL-02")
@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_whatever_is_read_and_acknowledged_in_whatever_order_the_commit_stays_below_the_first_open_one(data):
    tracked, open_ones, next_offset, committed = Tracked(), [], data.draw(st.sampled_from([0, 1, 37])), None
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.booleans()) or not open_ones:
            offsets = [next_offset := next_offset + data.draw(st.sampled_from([1, 1, 1, 4])) for _ in range(3)]
            open_ones += await tracked.read(*offsets)
        chosen = data.draw(st.lists(st.sampled_from(open_ones), unique_by=id))
        tracked.ack(*chosen)
        open_ones = [message for message in open_ones if not message.acked]
        new = tracked.commit()
        if new is not None:
            assert committed is None or new > committed
            committed = new
        assert committed is None or all(committed <= message.offset for message in open_ones)
    tracked.ack(*open_ones)
    tracked.commit()
    assert tracked.consumer._committed_offset[PART] == next_offset + 1

"""One topic of one test, a group that reads it by one kind of runner, and what comes of it in the toy's database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from tests.support.rooms import Room
from tests.support.topics import committed, ends, make_topic, publish
from tests.support.toy.returns import effects, story
from tests.support.toy.service import TOY
from tests.support.waiting import until

from chassis.codec import Record
from chassis.dead_letters import DeadLetterLimit
from chassis.deliver import Delivery
from chassis.kafka.runner import Runner, make_runner
from chassis.routes import Routes
from chassis.settings import Settings

PATIENCE_SECONDS = 40.0
RunnerKind = Literal["faust", "plain"]


class Counting(Delivery):
    """A delivery that knows how many messages of each partition it was given."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.given: Counter[int] = Counter()

    async def take(self, batch: Sequence[Record]) -> None:
        self.given.update(record.partition for record in batch)
        await super().take(batch)


class Reading:
    """A runner at work."""

    def __init__(self, runner: Runner, delivery: Counting, stop: asyncio.Event) -> None:
        self.runner, self.delivery, self.stop = runner, delivery, stop
        self.running = asyncio.create_task(runner.run())


class Line:
    """Twelve lanes of its own on a topic of its own; several lines may share a room."""

    def __init__(self, room: Room, bootstrap: str, kind: RunnerKind, data_dir: Path, first_lane: int = 0) -> None:
        self.room, self.bootstrap, self.kind, self.prefix = room, bootstrap, kind, f"r{uuid4().hex[:8]}-"
        self.topic, self.group = f"{self.prefix}tickets", f"{self.prefix}credits"
        self.lanes = range(first_lane, first_lane + 12)
        self.settings = Settings(
            database_url="postgresql://", kafka=bootstrap, environment="test", runner=kind, data_dir=data_dir
        )

    async def open(self) -> "Line":
        """Make its topic of three partitions."""
        await make_topic(self.bootstrap, self.topic)
        return self

    def steps(self, first: int, last: int) -> list[Record]:
        """The steps from `first` to below `last` of every lane."""
        return story([(lane, step) for step in range(first, last) for lane in self.lanes])

    def whole(self, last: int) -> dict[int, list[int]]:
        """What `told` says when each step below `last` took effect once and in order."""
        return {lane: list(range(last)) for lane in self.lanes}

    async def told(self) -> dict[int, list[int]]:
        """The steps of each lane in the order of their effect."""
        lanes: dict[int, list[int]] = {}
        for lane, step in await effects(self.room.database.pool):
            if lane in self.lanes:
                lanes.setdefault(lane, []).append(step)
        return lanes

    async def publish(self, records: Sequence[Record]) -> None:
        """Send records to the topic, in their order."""
        await publish(self.bootstrap, self.topic, records)

    @asynccontextmanager
    async def reading(self, routes: Routes = TOY.routes, limit: int = 100) -> AsyncIterator[Reading]:
        """A runner at work, stopped gracefully at the end."""
        stop = asyncio.Event()
        database = replace(self.room.database, topic_prefix=self.prefix)
        delivery = Counting(database, routes, DeadLetterLimit(limit), stop)
        reading = Reading(make_runner(self.settings, self.group, [self.topic], delivery, stop), delivery, stop)
        try:
            yield reading
        finally:
            stop.set()
            await asyncio.wait_for(reading.running, 20)

    async def all_done(self, last: int) -> None:
        """Returns when every step below `last` took effect, or as many did."""

        async def done() -> bool:
            return sum(map(len, (await self.told()).values())) >= last * len(self.lanes)

        await until(done, f"{last} steps", PATIENCE_SECONDS)

    async def all_committed(self) -> None:
        """Returns when the group has committed everything."""

        async def done() -> bool:
            return await committed(self.bootstrap, self.group, self.topic) == await ends(self.bootstrap, self.topic)

        await until(done, "a commit of everything")

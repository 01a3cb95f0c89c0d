"""A worker that is killed on either side of its commit loses nothing and doubles nothing, with either runner."""

import asyncio

import pytest
from tests.support.toy.line import Line
from tests.support.waiting import until

POINTS = ("before-event-commit", "after-event-commit")
CASES = [(kind, point) for kind in ("plain", "faust") for point in POINTS]


async def killed_and_replaced(line: Line, point: str, toy_process) -> None:
    await line.open()
    await line.publish(line.steps(0, 20))
    told = {"TOPIC_PREFIX": line.prefix, "RUNNER": line.kind}
    child = toy_process(line.room, line.bootstrap, "worker", KILL_AT=point, **told)
    child.start()

    async def died():
        return child.died()

    await until(died, f"death at {point}")
    assert child.deaths == [-9]
    assert bool(await line.told()) == (point == "after-event-commit"), "the point stands where its name says"
    async with line.reading() as reading:
        await line.publish(line.steps(20, 21))
        await line.all_done(21)
        await line.all_committed()
    assert await line.told() == line.whole(21)
    given = sum(reading.delivery.given.values())
    assert given == 21 * len(line.lanes), "what was committed but not acknowledged came again, without a second effect"


@pytest.mark.requirement("ALL-02")
async def test_a_worker_killed_on_either_side_of_its_commit_loses_nothing_and_doubles_nothing(
    room, own_kafka, toy_process, tmp_path
):
    """All cases at once: each waits ten seconds until the broker gives the dead member up."""
    lines = [
        Line(room, own_kafka.bootstrap, kind, tmp_path, first_lane=number * 100)
        for number, (kind, _) in enumerate(CASES)
    ]
    deaths = [killed_and_replaced(line, point, toy_process) for line, (_, point) in zip(lines, CASES, strict=True)]
    await asyncio.gather(*deaths)

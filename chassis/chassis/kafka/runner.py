"""The seam: a runner feeds a Delivery from topics; which library does it is a setting (ADR 0002)."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from chassis.deliver import Delivery
from chassis.settings import Settings


class Runner(Protocol):
    """What both runners promise; `chassis/tests/test_runners.py` holds them to it."""

    consuming: bool

    async def run(self) -> None:
        """Until the stop event is set; raises when it cannot go on."""
        ...


def make_runner(
    settings: Settings, group: str, topics: Sequence[str], delivery: Delivery, stop: asyncio.Event
) -> Runner:
    """The runner that the settings name."""
    if settings.runner == "plain":
        from chassis.kafka.plain_runner import PlainRunner

        return PlainRunner(settings, group, topics, delivery, stop)
    from chassis.kafka.faust_runner import FaustRunner

    return FaustRunner(settings, group, topics, delivery, stop)

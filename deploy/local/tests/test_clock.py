"""The clock of the stack: an offset in a file that the services read."""

from datetime import UTC, datetime, timedelta

import pytest

from aftercare_local import clock
from aftercare_local.home import Home
from aftercare_local.trouble import Trouble
from chassis.clock import MovableClock


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def ahead(home: Home) -> timedelta:
    return MovableClock(home.clock).now() - datetime.now(UTC)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["2d"], timedelta(days=2)),
        (["2d", "-1d"], timedelta(days=1)),
        (["36h", "90m", "10s"], timedelta(hours=37.5, seconds=10)),
    ],
)
def test_the_services_clock_follows_each_step(home: Home, steps: list[str], expected: timedelta) -> None:
    for step in steps:
        clock.advance(home, step)
    assert abs(ahead(home) - expected) < timedelta(seconds=1)


def test_the_clock_can_be_set_to_a_moment(home: Home) -> None:
    clock.set_to(home, "2031-05-01T08:00:00Z")
    assert abs(MovableClock(home.clock).now() - datetime(2031, 5, 1, 8, tzinfo=UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize("step", ["2", "two days", "2w", "", "--2d"])
def test_a_step_that_is_none_is_refused_with_examples(home: Home, step: str) -> None:
    with pytest.raises(Trouble, match="2d, -1d"):
        clock.advance(home, step)
    assert not home.clock.exists()

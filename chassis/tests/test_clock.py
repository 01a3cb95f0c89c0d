"""The clock of a development stack moves when its file does; a production clock does not."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock, SystemClock, clock_from

NEAR = timedelta(seconds=5)


def rewrite(path, text: str, stamp: int | None = None) -> None:
    """As `aftercare clock advance` does: a new file takes the place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(text)
    if stamp is not None:
        os.utime(new, ns=(stamp, stamp))
    new.replace(path)


def ahead(clock) -> timedelta:
    return clock.now() - datetime.now(UTC)


@pytest.mark.requirement("ACT-07")
def test_a_move_is_seen_at_once_forward_and_back(tmp_path):
    path = tmp_path / "clock"
    clock = clock_from(path)
    assert abs(ahead(clock)) < NEAR, "no file, no offset"
    for days in (2, 30, -1, 0):
        rewrite(path, str(days * 86_400.0))
        assert abs(ahead(clock) - timedelta(days=days)) < NEAR


def test_two_moves_within_one_tick_of_the_file_system_are_both_seen(tmp_path):
    path = tmp_path / "clock"
    clock = MovableClock(path)
    for offset in (100.0, 200.0, 300.0):
        rewrite(path, str(offset), stamp=1_700_000_000_000_000_000)
        assert abs(ahead(clock) - timedelta(seconds=offset)) < NEAR


def test_every_process_that_reads_the_file_has_the_same_time(tmp_path):
    path = tmp_path / "clock"
    rewrite(path, "172800.0")
    one, two = MovableClock(path), MovableClock(path)
    assert abs(one.now() - two.now()) < NEAR


def test_a_clock_whose_file_is_taken_away_is_the_real_one_again(tmp_path):
    path = tmp_path / "clock"
    rewrite(path, "172800.0")
    clock = MovableClock(path)
    assert ahead(clock) > timedelta(days=1)
    path.unlink()
    assert abs(ahead(clock)) < NEAR


@pytest.mark.parametrize("text", ["", "two days", "nan", "inf", "1e300"])
def test_a_file_that_is_no_number_of_seconds_is_named_with_what_it_says(tmp_path, text):
    path = tmp_path / "clock"
    rewrite(path, text)
    with pytest.raises(ValueError, match=r"clock: .*is not a number of seconds, e\.g\. 172800\.0"):
        MovableClock(path).now()


@given(st.integers(-(10**8), 10**8))
def test_time_is_always_aware_and_in_utc(tmp_path_factory, seconds):
    path = tmp_path_factory.mktemp("clock") / "clock"
    rewrite(path, str(seconds))
    assert MovableClock(path).now().utcoffset() == timedelta()
    assert SystemClock().now().utcoffset() == timedelta()


def test_without_a_file_the_clock_is_the_system_s():
    assert isinstance(clock_from(None), SystemClock)

"""Terms, windows and reminders as days of the calendar: month ends, leap years, days of 23 and 25 hours (ACT-10)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation_service.contracts.domain import moment_of, next_term, reminded, reminder_at, renewal_window
from activation_service.policy import Contracts

DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
ZONES = st.sampled_from([ZoneInfo(name) for name in ("Europe/Paris", "America/Toronto", "Asia/Beirut", "UTC")])


def rules(late="seamless", before=90, after=30) -> Contracts:
    days = tuple(one for one in (90, 30, 7) if one <= before)
    windows = {"renewable_days_before": before, "renewable_days_after": after}
    return Contracts(number_prefix="XX", reminder_days=days, late_renewal=late, **windows)


@pytest.mark.requirement("ACT-10")
@pytest.mark.parametrize(
    ("ends_on", "months", "starts", "ends"),
    [
        ("2027-11-21", 12, "2027-11-22", "2028-11-21"),
        ("2027-01-31", 1, "2027-02-01", "2027-02-28"),
        ("2027-01-30", 1, "2027-01-31", "2027-02-28"),
        ("2028-01-30", 1, "2028-01-31", "2028-02-29"),
        ("2028-02-28", 12, "2028-02-29", "2029-02-28"),
        ("2028-02-28", 48, "2028-02-29", "2032-02-28"),
        ("2027-02-28", 12, "2027-03-01", "2028-02-29"),
        ("2027-12-31", 2, "2028-01-01", "2028-02-29"),
        ("2027-08-30", 6, "2027-08-31", "2028-02-29"),
    ],
)
def test_the_next_term_starts_the_day_after_and_keeps_the_day_of_the_month(ends_on, months, starts, ends):
    last = date.fromisoformat(ends_on)
    for today in (last, last - timedelta(days=90), last + timedelta(days=30)):
        term = next_term(last, months, today, rules())
        assert (str(term.starts_on), str(term.ends_on), term.seamless) == (starts, ends, True)


@pytest.mark.requirement("ACT-10")
def test_a_late_renewal_that_starts_anew_starts_on_its_own_day():
    last = date(2027, 1, 30)
    assert next_term(last, 1, last, rules("anew")).seamless
    term = next_term(last, 1, last + timedelta(days=1), rules("anew"))
    assert (term.starts_on, term.ends_on, term.seamless) == (date(2027, 1, 31), date(2027, 2, 28), False)


@pytest.mark.requirement("ACT-10")
@pytest.mark.parametrize(
    ("ends_on", "before", "after", "first", "last"),
    [
        ("2027-11-21", 90, 30, "2027-08-23", "2027-12-21"),
        ("2028-02-29", 90, 30, "2027-12-01", "2028-03-30"),
        ("2027-03-01", 1, 0, "2027-02-28", "2027-03-01"),
        ("2028-03-01", 1, 1, "2028-02-29", "2028-03-02"),
        ("2027-03-28", 0, 0, "2027-03-28", "2027-03-28"),
    ],
)
def test_the_window_of_a_renewal_has_both_its_days(ends_on, before, after, first, last):
    window = renewal_window(date.fromisoformat(ends_on), rules(before=before, after=after))
    assert tuple(map(str, window)) == (first, last)


@pytest.mark.requirement("ACT-10")
@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        ("Europe/Paris", "2027-03-28", time(0), "2027-03-27T23:00"),  # 23 hours long
        ("Europe/Paris", "2027-03-28", time(9), "2027-03-28T07:00"),
        ("Europe/Paris", "2027-03-29", time(0), "2027-03-28T22:00"),
        ("Europe/Paris", "2027-10-31", time(0), "2027-10-30T22:00"),  # 25 hours long
        ("Europe/Paris", "2027-10-31", time(9), "2027-10-31T08:00"),
        ("Europe/Paris", "2027-11-01", time(0), "2027-10-31T23:00"),
        ("America/Toronto", "2027-03-14", time(9), "2027-03-14T13:00"),
        ("America/Toronto", "2027-11-07", time(9), "2027-11-07T14:00"),
        ("Asia/Beirut", "2027-03-28", time(0), "2027-03-27T22:00"),  # clocks leave midnight out
    ],
)
def test_a_time_of_day_is_that_of_the_brands_clocks_also_on_the_days_when_they_change(zone, day, at, moment):
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert moment_of(date.fromisoformat(day), at, ZoneInfo(zone)) == expected


@pytest.mark.requirement("ACT-10")
@given(ends_on=DAYS, months=st.integers(1, 120), late=st.integers(-90, 60), zone=ZONES)
def test_a_new_term_never_overlaps_the_old_one_and_never_ends_before_it_starts(ends_on, months, late, zone):
    today = ends_on + timedelta(days=late)
    for rule in ("seamless", "anew"):
        term = next_term(ends_on, months, today, rules(rule))
        assert ends_on < term.starts_on <= term.ends_on
        assert term.seamless == (term.starts_on == ends_on + timedelta(days=1)) or today == term.starts_on
        length = (term.ends_on - term.starts_on).days + 1
        assert 28 * months <= length <= 31 * months


@pytest.mark.requirement("ACT-10")
@given(ends_on=DAYS, zone=ZONES, hours=st.integers(-100 * 24, 48))
def test_the_reminder_that_is_due_is_the_latest_whose_moment_has_come(ends_on, zone, hours):
    now = moment_of(ends_on, time.min, zone) + timedelta(hours=hours)
    days, moments = reminded(ends_on, rules(), now, zone), {one: reminder_at(ends_on, one, zone) for one in (90, 30, 7)}
    assert [one for one in moments if moments[one] <= now and (days is None or one < days)] == []
    assert days is None or moments[days] <= now

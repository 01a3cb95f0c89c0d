"""How long a code can be used and when its buyer is warned: dates, zones, jumps."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation_service.codes.domain import (
    Code,
    lapse_moment,
    last_day_of_use,
    next_warning,
    warning_due,
    warning_moment,
)
from activation_service.policy import BOOK, Policy, policy_of
from activation_service.policy import Code as CodeRule

ZONES = ("Europe/Paris", "America/Toronto", "Pacific/Auckland", "America/Sao_Paulo", "Africa/Cairo", "UTC")


def brand(zone: str = "Europe/Paris", *warn_days: int) -> Policy:
    BOOK.load()
    rule = CodeRule(warn_days=warn_days or (14,))
    return policy_of("d-link").model_copy(update={"time_zone": ZoneInfo(zone), "code": rule})


def code(lapses_on: date | None, warned_days: int | None = None) -> Code:
    return Code(
        certificate_id=uuid4(),
        order_id=uuid4(),
        brand="d-link",
        buyer_id=uuid4(),
        case_number="CASE-1",
        service_reference="DAS-A-36",
        service_name="D-Link Assist",
        quantity=1,
        purchased_on=date(2026, 1, 1),
        lapses_on=lapses_on,
        confirmed_at=datetime(2026, 1, 1, tzinfo=UTC),
        warned_days=warned_days,
    )


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize(
    ("purchased_on", "code_days", "last"),
    [
        ("2026-11-22", 90, "2027-02-20"),
        ("2027-12-01", 90, "2028-02-29"),  # a leap year
        ("2026-12-01", 90, "2027-03-01"),
        ("2026-12-31", 1, "2027-01-01"),
        ("2026-11-22", None, None),
    ],
)
def test_the_last_day_is_so_many_days_after_the_purchase(purchased_on, code_days, last):
    expected = last and date.fromisoformat(last)
    assert last_day_of_use(date.fromisoformat(purchased_on), code_days) == expected


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize(
    ("zone", "lapses_on", "lapsed_at", "warned_at"),
    [
        ("Europe/Paris", "2027-02-20", "2027-02-20T23:00Z", "2027-02-06T08:00Z"),
        ("Europe/Paris", "2027-03-28", "2027-03-28T22:00Z", "2027-03-14T08:00Z"),  # a day of 23 hours
        ("Europe/Paris", "2027-04-10", "2027-04-10T22:00Z", "2027-03-27T08:00Z"),
        ("Europe/Paris", "2027-10-31", "2027-10-31T23:00Z", "2027-10-17T07:00Z"),  # a day of 25 hours
        ("America/Toronto", "2027-03-14", "2027-03-15T04:00Z", "2027-02-28T14:00Z"),
        ("Pacific/Auckland", "2027-02-20", "2027-02-20T11:00Z", "2027-02-05T20:00Z"),
        ("Africa/Cairo", "2027-04-29", "2027-04-29T22:00Z", "2027-04-15T07:00Z"),  # the next day starts at one
    ],
)
def test_a_code_lapses_when_its_last_day_is_over_where_the_brand_is(zone, lapses_on, lapsed_at, warned_at):
    day = date.fromisoformat(lapses_on)
    assert lapse_moment(day, brand(zone)).astimezone(UTC) == datetime.fromisoformat(lapsed_at)
    assert warning_moment(day, 14, brand(zone)).astimezone(UTC) == datetime.fromisoformat(warned_at)


@pytest.mark.requirement("ACT-03")
@pytest.mark.parametrize(
    ("now", "warned_days", "due", "following"),
    [
        ("2027-01-01T12:00", None, None, "2027-01-21T09:00"),
        ("2027-01-21T08:59", None, None, "2027-01-21T09:00"),
        ("2027-01-21T09:00", None, 30, "2027-02-06T09:00"),
        ("2027-02-15T00:00", None, 7, "2027-02-20T09:00"),  # two are due: the latest
        ("2027-02-15T00:00", 7, None, "2027-02-20T09:00"),
        ("2027-02-10T00:00", 7, None, "2027-02-20T09:00"),  # the clock went back
        ("2027-02-20T23:59", 7, 0, None),
        ("2027-02-21T00:00", None, None, None),
    ],
)
def test_of_several_warnings_that_are_due_the_latest_is_said(now, warned_days, due, following):
    policy = brand("Europe/Paris", 30, 14, 7, 0)
    moment = datetime.fromisoformat(now).replace(tzinfo=policy.time_zone)
    known = code(date(2027, 2, 20), warned_days)
    assert warning_due(known, policy, moment) == due
    expected = following and datetime.fromisoformat(following).replace(tzinfo=policy.time_zone)
    assert next_warning(known, policy, moment) == expected


def test_a_code_without_a_deadline_is_never_warned_of():
    now = datetime(2027, 1, 1, tzinfo=UTC)
    assert warning_due(code(None), brand(), now) is None
    assert next_warning(code(None), brand(), now) is None


@pytest.mark.requirement("ACT-03")
@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    lapses_on=st.dates(date(2026, 6, 1), date(2030, 12, 31)),
    warn_days=st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True),
    looks=st.lists(st.integers(-70 * 24, 5 * 24), min_size=1, max_size=12),
)
def test_whenever_the_clock_is_looked_at_warnings_come_in_order_once_and_before_the_end(
    zone, lapses_on, warn_days, looks
):
    policy, known, said = brand(zone, *warn_days), code(lapses_on), []
    for hours in sorted(looks):
        now = datetime.combine(lapses_on, time(12), policy.time_zone).astimezone(UTC) + timedelta(hours=hours)
        days = warning_due(known, policy, now)
        coming = next_warning(known, policy, now)
        assert coming is None or coming > now
        if days is None:
            continue
        assert warning_moment(lapses_on, days, policy) <= now < lapse_moment(lapses_on, policy)
        assert not [d for d in warn_days if d < days and warning_moment(lapses_on, d, policy) <= now]
        said.append(days)
        known = replace(known, warned_days=days)
        assert warning_due(known, policy, now) is None
    assert said == sorted(set(said), reverse=True)

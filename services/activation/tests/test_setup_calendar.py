"""When the set-up is over: on the site's own calendar and clock, whatever clocks, weekends and holidays do (ACT-07)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation_service.activations.setup import is_working_day, operational_at
from activation_service.policy import policy_of

PARIS, BRUSSELS, TORONTO, AUCKLAND = map(
    ZoneInfo, ("Europe/Paris", "Europe/Brussels", "America/Toronto", "Pacific/Auckland")
)
COUNTRIES = {PARIS: "FR", BRUSSELS: "BE", TORONTO: "CA", AUCKLAND: "NZ"}


def policy(days: str, **changes):
    return policy_of("dynabook").model_copy(update={"setup_days": days, "setup_delay": timedelta(days=2), **changes})


CALENDAR, WORKING = policy("calendar"), policy("working")


def local(text: str, zone: ZoneInfo) -> datetime:
    """The moment of a local time; `text` has its offset where the time comes twice."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize(
    ("zone", "activated", "operational"),
    [
        (PARIS, "2026-11-20T15:00", "2026-11-22T15:00:00+01:00"),  # a weekend counts like any days
        (PARIS, "2026-12-30T10:00", "2027-01-01T10:00:00+01:00"),
        (PARIS, "2028-02-27T10:00", "2028-02-29T10:00:00+01:00"),
        (PARIS, "2027-02-27T10:00", "2027-03-01T10:00:00+01:00"),
        (PARIS, "2027-03-27T10:00", "2027-03-29T10:00:00+02:00"),  # 47 hours: summer time begins on the 28th
        (PARIS, "2026-10-24T10:00", "2026-10-26T10:00:00+01:00"),  # 49 hours: it ends on the 25th
        (PARIS, "2027-03-26T02:30", "2027-03-28T03:00:00+02:00"),  # 02:30 does not exist: the moment after the gap
        (PARIS, "2027-03-26T02:00", "2027-03-28T03:00:00+02:00"),
        (PARIS, "2027-03-26T01:59:59", "2027-03-28T01:59:59+01:00"),
        (PARIS, "2027-03-26T03:00", "2027-03-28T03:00:00+02:00"),
        (PARIS, "2026-10-23T02:30", "2026-10-25T02:30:00+02:00"),  # comes twice: the first
        (PARIS, "2026-10-25T02:30+02:00", "2026-10-27T02:30:00+01:00"),
        (PARIS, "2026-10-25T02:30+01:00", "2026-10-27T02:30:00+01:00"),
        (TORONTO, "2027-03-12T02:30", "2027-03-14T03:00:00-04:00"),
        (TORONTO, "2027-03-13T12:00", "2027-03-15T12:00:00-04:00"),
        (TORONTO, "2026-10-30T01:30", "2026-11-01T01:30:00-04:00"),
        (TORONTO, "2026-10-31T12:00", "2026-11-02T12:00:00-05:00"),
        (AUCKLAND, "2026-09-25T02:15", "2026-09-27T03:00:00+13:00"),
        (AUCKLAND, "2026-09-26T12:00", "2026-09-28T12:00:00+13:00"),
        (AUCKLAND, "2027-04-02T02:30", "2027-04-04T02:30:00+13:00"),
        (AUCKLAND, "2027-04-03T12:00", "2027-04-05T12:00:00+12:00"),
    ],
)
def test_days_of_the_calendar_end_at_the_same_local_time(zone, activated, operational):
    until = operational_at(CALENDAR, local(activated, zone), zone, COUNTRIES[zone])
    assert until.tzinfo is UTC
    assert until.astimezone(zone).isoformat() == operational


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize(
    ("zone", "activated", "operational"),
    [
        (PARIS, "2026-11-19T15:00", "2026-11-23T15:00:00+01:00"),  # Thursday to Monday
        (PARIS, "2026-11-20T15:00", "2026-11-24T15:00:00+01:00"),  # Friday to Tuesday
        (PARIS, "2026-11-21T15:00", "2026-11-25T00:00:00+01:00"),  # Saturday: two whole working days from Monday on
        (PARIS, "2026-11-22T23:59", "2026-11-25T00:00:00+01:00"),  # Sunday
        (PARIS, "2026-11-23T00:00", "2026-11-25T00:00:00+01:00"),
        (
            PARIS,
            "2027-03-25T10:00",
            "2027-03-30T10:00:00+02:00",
        ),  # over Easter: Friday works in France, Monday does not
        (PARIS, "2027-03-29T10:00", "2027-04-01T00:00:00+02:00"),  # on Easter Monday
        (PARIS, "2026-04-29T10:00", "2026-05-04T10:00:00+02:00"),  # 1 May, a Friday
        (PARIS, "2026-12-23T10:00", "2026-12-28T10:00:00+01:00"),  # Christmas, a Friday
        (PARIS, "2026-12-30T10:00", "2027-01-04T10:00:00+01:00"),
        (PARIS, "2026-07-13T10:00", "2026-07-16T10:00:00+02:00"),  # 14 July
        (BRUSSELS, "2026-07-20T10:00", "2026-07-23T10:00:00+02:00"),  # 21 July is off in Belgium
        (PARIS, "2026-07-20T10:00", "2026-07-22T10:00:00+02:00"),  # and not in France
        (BRUSSELS, "2026-07-21T10:00", "2026-07-24T00:00:00+02:00"),
        (TORONTO, "2026-06-30T10:00", "2026-07-03T10:00:00-04:00"),  # 1 July
        (AUCKLAND, "2027-02-04T10:00", "2027-02-09T10:00:00+13:00"),  # Waitangi Day, a Saturday, is kept on Monday
    ],
)
def test_working_days_pass_over_weekends_and_the_countrys_holidays(zone, activated, operational):
    until = operational_at(WORKING, local(activated, zone), zone, COUNTRIES[zone])
    assert until.astimezone(zone).isoformat() == operational


@pytest.mark.requirement("ACT-07")
def test_the_day_is_that_of_the_site_and_not_of_whoever_activates():
    friday_evening_in_paris = local("2026-11-20T20:00", PARIS)  # Saturday morning in Auckland
    assert operational_at(WORKING, friday_evening_in_paris, PARIS, "FR") == local("2026-11-24T20:00", PARIS)
    assert operational_at(WORKING, friday_evening_in_paris, AUCKLAND, "NZ") == local("2026-11-25T00:00", AUCKLAND)


@pytest.mark.requirement("ACT-07")
def test_hours_come_after_the_days_and_are_real_ones():
    longer = policy("calendar", setup_delay=timedelta(days=1, hours=6, minutes=30))
    assert operational_at(longer, local("2027-03-27T00:00", PARIS), PARIS, "FR") == local("2027-03-28T07:30", PARIS)
    at_once, hours = policy("working", setup_delay=timedelta(0)), policy("calendar", setup_delay=timedelta(hours=12))
    second = local("2026-10-25T02:30+01:00", PARIS)
    assert operational_at(policy("calendar", setup_delay=timedelta(0)), second, PARIS, "FR") == second
    assert operational_at(at_once, local("2026-11-21T15:00", PARIS), PARIS, "FR") == local("2026-11-23T00:00", PARIS)
    assert operational_at(hours, second, PARIS, "FR") == second + timedelta(hours=12)


def test_a_country_whose_holidays_nobody_knows_rests_at_the_weekend_and_others_rest_on_their_own():
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert [is_working_day(friday, country) for country in ("XX", "FR", "IL")] == [True, True, False]
    assert [is_working_day(sunday, country) for country in ("XX", "FR", "IL")] == [False, False, True]


@pytest.mark.requirement("ACT-07")
@pytest.mark.parametrize("brand", ["d-link", "carri", "dynabook", "ibm", "samsung-belux"])
def test_every_brand_says_which_days_count(brand):
    assert policy_of(brand).setup_days == ("working" if brand in ("d-link", "carri") else "calendar")


FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2500)).map(lambda by: FIRST + by)
NEAR_CHANGES = st.sampled_from([(2027, 3, 26), (2026, 10, 23), (2027, 4, 2), (2026, 9, 25), (2026, 10, 30)]).flatmap(
    lambda day: st.timedeltas(timedelta(0), timedelta(days=4)).map(lambda by: datetime(*day, tzinfo=UTC) + by)
)


@pytest.mark.requirement("ACT-07")
@settings(max_examples=150, deadline=None)
@given(MOMENTS | NEAR_CHANGES, st.sampled_from([*COUNTRIES]), st.sampled_from([CALENDAR, WORKING]), st.integers(0, 10))
def test_it_is_never_early_and_not_far_off(now, zone, counted, days):
    asked = counted.model_copy(update={"setup_delay": timedelta(days=days)})
    until = operational_at(asked, now, zone, COUNTRIES[zone])
    hour = timedelta(hours=1)
    assert until >= max(now, now + timedelta(days=days) - hour)
    assert until.astimezone(zone).date() >= now.astimezone(zone).date() + timedelta(days=days)
    if counted is CALENDAR:
        assert until <= now + timedelta(days=days) + hour


@pytest.mark.requirement("ACT-07")
@settings(max_examples=150, deadline=None)
@given(
    MOMENTS | NEAR_CHANGES, st.timedeltas(timedelta(0), timedelta(days=3)), st.sampled_from([*COUNTRIES]), st.booleans()
)
def test_what_is_activated_later_is_not_operational_earlier(now, by, zone, working):
    counted, country, later = WORKING if working else CALENDAR, COUNTRIES[zone], now + by
    earlier_one, later_one = (operational_at(counted, moment, zone, country) for moment in (now, later))
    # in the hour that comes twice, the same local time is the same moment two days later
    passed_again = later.astimezone(zone).utcoffset() != now.astimezone(zone).utcoffset()
    assert later_one >= earlier_one - timedelta(hours=passed_again)

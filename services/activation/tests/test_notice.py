"""Notice by the calendar: month ends, leap years, minimum terms, both parties (ACT-11, I20…I22)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from activation_service.policy import BOOK, Notice, policy_of
from activation_service.terminations.domain import Exit, earliest_end, notice_of, strictest
from event_schemas.activation_contracts import Party

CUSTOMER = Notice(months=1, minimum_months=6)
VENDOR = Notice(months=3, minimum_months=12)
FAR = date(2040, 12, 31)
DAYS = st.dates(date(2019, 1, 1), date(2033, 12, 31))
NOTICES = st.builds(Notice, months=st.integers(0, 24), minimum_months=st.integers(0, 60))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.requirement("ACT-11")
@pytest.mark.parametrize(
    ("noticed_on", "months", "last"),
    [
        ("2027-01-15", 1, "2027-02-15"),
        ("2027-01-31", 1, "2027-02-28"),  # no 31 February: the month's last day
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-01-30", 1, "2027-02-28"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2027-01-29", 1, "2027-02-28"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2027-01-28", 1, "2027-02-28"),
        ("2028-02-28", 1, "2028-03-28"),  # the same number, not the month's end
        ("2028-02-29", 1, "2028-03-29"),
        ("2027-02-28", 1, "2027-03-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-02-28", 12, "2028-02-28"),
        ("2027-04-30", 1, "2027-05-30"),
        ("2027-05-31", 1, "2027-06-30"),
        ("2027-12-01", 1, "2028-01-01"),
        ("2027-12-31", 1, "2028-01-31"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-10-31", 3, "2028-01-31"),
        ("2027-11-29", 3, "2028-02-29"),
        ("2027-03-27", 1, "2027-04-27"),  # over the change to summer time: days, not hours
        ("2027-10-30", 1, "2027-11-30"),
        ("2027-06-15", 0, "2027-06-15"),  # no months: the day of the notice itself
    ],
)
def test_a_notice_ends_with_the_day_of_the_same_number_or_the_months_last_day(noticed_on, months, last) -> None:
    notice = Notice(months=months, minimum_months=0)
    since = date(2020, 1, 1)
    assert earliest_end(since, notice, day(noticed_on), FAR) == Exit(day(last), since, "notice")


@pytest.mark.requirement("ACT-11")
@pytest.mark.parametrize(
    ("since", "notice", "noticed_on", "right", "last", "why"),
    [
        ("2026-11-22", CUSTOMER, "2026-11-22", "2027-05-22", "2027-06-22", "minimum_term"),
        ("2026-11-22", CUSTOMER, "2027-05-21", "2027-05-22", "2027-06-22", "minimum_term"),  # the day before
        ("2026-11-22", CUSTOMER, "2027-05-22", "2027-05-22", "2027-06-22", "notice"),  # the day itself
        ("2026-11-22", CUSTOMER, "2027-05-23", "2027-05-22", "2027-06-23", "notice"),
        ("2026-11-22", VENDOR, "2026-11-22", "2027-11-22", "2028-02-22", "minimum_term"),
        ("2026-11-22", VENDOR, "2027-11-21", "2027-11-22", "2028-02-22", "minimum_term"),
        ("2026-11-22", VENDOR, "2027-11-22", "2027-11-22", "2028-02-22", "notice"),
        ("2026-08-31", CUSTOMER, "2026-09-01", "2027-03-01", "2027-04-01", "minimum_term"),  # six months: 28 February
        ("2027-08-31", CUSTOMER, "2027-09-01", "2028-03-01", "2028-04-01", "minimum_term"),  # … 29 February
        ("2026-08-30", CUSTOMER, "2026-09-01", "2027-03-01", "2027-04-01", "minimum_term"),
        ("2026-07-31", CUSTOMER, "2026-08-01", "2027-01-31", "2027-02-28", "minimum_term"),
        ("2028-02-29", VENDOR, "2028-03-01", "2029-03-01", "2029-06-01", "minimum_term"),
        ("2024-02-29", Notice(months=1, minimum_months=48), "2025-01-01", "2028-02-29", "2028-03-29", "minimum_term"),
        ("2026-11-22", Notice(months=0, minimum_months=0), "2026-11-22", "2026-11-22", "2026-11-22", "notice"),
        ("2026-11-22", Notice(months=0, minimum_months=1), "2026-11-22", "2026-12-22", "2026-12-22", "minimum_term"),
    ],
)
def test_a_notice_counts_from_the_first_day_after_the_minimum_term(since, notice, noticed_on, right, last, why) -> None:
    assert earliest_end(day(since), notice, day(noticed_on), FAR) == Exit(day(last), day(right), why)


@pytest.mark.requirement("ACT-11")
@pytest.mark.parametrize(
    ("noticed_on", "term_ends_on", "last", "why"),
    [
        ("2026-12-01", "2027-05-21", "2027-05-21", "term"),  # the term is shorter than the minimum
        ("2027-06-30", "2027-07-30", "2027-07-30", "term"),  # both on the same day
        ("2027-06-30", "2027-07-31", "2027-07-30", "notice"),
        ("2027-07-15", "2027-07-30", "2027-07-30", "term"),
        ("2027-07-30", "2027-07-30", "2027-07-30", "term"),
        ("2027-07-31", "2027-07-30", "2027-07-30", "over"),
    ],
)
def test_nothing_ends_later_than_its_term(noticed_on, term_ends_on, last, why) -> None:
    ended = earliest_end(date(2026, 11, 22), CUSTOMER, day(noticed_on), day(term_ends_on))
    assert (ended.last_billable_on, ended.why) == (day(last), why)


@pytest.mark.requirement("ACT-11")
def test_without_a_notice_a_party_can_end_it_for_breach_only() -> None:
    assert earliest_end(date(2026, 1, 1), None, date(2027, 1, 1), FAR) == Exit(None, None, "breach_only")


@pytest.mark.requirement("ACT-11")
@pytest.mark.parametrize(
    ("moment", "zone", "last"),
    [
        ("2027-06-30T21:59:59", "Europe/Paris", "2027-07-30"),  # a second before midnight in Paris
        ("2027-06-30T22:00:00", "Europe/Paris", "2027-08-01"),
        ("2027-07-01T03:59:59", "America/Toronto", "2027-07-30"),
        ("2027-07-01T04:00:00", "America/Toronto", "2027-08-01"),
        ("2028-03-26T00:30:00", "Europe/Paris", "2028-04-26"),  # half an hour before the clocks go forward
        ("2028-03-26T22:30:00", "Europe/Paris", "2028-04-27"),  # that day has 23 hours: it is over
        ("2027-10-31T22:59:59", "Europe/Paris", "2027-11-30"),  # that day has 25: it is not
        ("2027-10-31T23:00:00", "Europe/Paris", "2027-12-01"),
    ],
)
def test_the_day_of_the_notice_is_the_brands(moment, zone, last) -> None:
    BOOK.load()
    policy = policy_of("dynabook").model_copy(update={"time_zone": ZoneInfo(zone)})
    noticed_on = policy.day_of(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert earliest_end(date(2026, 1, 1), CUSTOMER, noticed_on, FAR).last_billable_on == day(last)


@pytest.mark.requirement("ACT-11")
def test_an_offers_own_notice_goes_before_the_brands_and_the_strictest_counts() -> None:
    BOOK.load()
    policy = policy_of("dynabook")
    (plain, *_) = policy.offers
    strict = plain.model_copy(update={"customer_notice": Notice(months=2, minimum_months=9)})
    assert notice_of(Party.CUSTOMER, strict, policy.contracts) == strict.customer_notice
    assert notice_of(Party.VENDOR, strict, policy.contracts) == VENDOR
    assert notice_of(Party.CUSTOMER, plain, policy.contracts) == CUSTOMER
    assert notice_of(Party.CUSTOMER, None, policy.contracts) == CUSTOMER  # the brand does not sell it any more
    early, late = (earliest_end(date(2026, 1, 1), each, date(2026, 12, 1), FAR) for each in (CUSTOMER, VENDOR))
    assert strictest([early, late]) == strictest([late, early]) == late
    none = Exit(None, None, "breach_only")
    assert strictest([late, none, early]) == none


@pytest.mark.requirement("ACT-11")
@settings(max_examples=60, deadline=None)
@given(since=DAYS, notice=NOTICES, noticed=DAYS, later=st.integers(0, 400), term=st.integers(0, 4000))
def test_a_later_notice_never_ends_earlier_and_none_ends_before_its_day_or_after_the_term(
    since, notice, noticed, later, term
) -> None:
    ends_on = since + timedelta(days=term)
    assume(noticed <= ends_on)
    first = earliest_end(since, notice, noticed, ends_on).last_billable_on
    second = earliest_end(since, notice, noticed + timedelta(days=later), ends_on).last_billable_on
    assert noticed <= first <= second <= ends_on


@pytest.mark.requirement("ACT-11")
@settings(max_examples=60, deadline=None)
@given(since=DAYS, notice=NOTICES, noticed=DAYS)
def test_what_is_told_of_the_right_is_what_the_end_follows_from(since, notice, noticed) -> None:
    told = earliest_end(since, notice, noticed, date(2060, 1, 1))
    assert told.right_arises_on >= since
    assert (told.why == "notice") == (noticed >= told.right_arises_on)
    at_right = earliest_end(since, notice, told.right_arises_on, date(2060, 1, 1)).last_billable_on
    assert at_right <= told.last_billable_on
    assert told.why == "notice" or at_right == told.last_billable_on

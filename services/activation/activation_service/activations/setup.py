"""When the logistic set-up of a service is over, on the calendar of its site (ACT-07, L18).

Days keep the local time of the activation, whatever the clocks do in between: a local time that is skipped becomes the
moment after the gap, one that comes twice is the first of the two. Hours and minutes of the delay are real time.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from activation_service.policy import Policy

DAY: Final = timedelta(days=1)


def operational_at(policy: Policy, now: datetime, zone: ZoneInfo, country: str) -> datetime:
    """The end of the set-up of what is activated `now` (aware), in UTC; never before now.

    `zone` and `country` (ISO 3166-1 alpha-2) are the site's, or else the brand's. Where the brand counts working days,
    weekends and national holidays of the country do not count, and what is activated on one of them counts from the
    start of the next working day.
    """
    days, hours = policy.setup_delay.days, policy.setup_delay - timedelta(days=policy.setup_delay.days)
    local = now.astimezone(zone).replace(tzinfo=None)
    until = _working_days_later(local, days, country) if policy.setup_days == "working" else local + days * DAY
    return max(_moment(until, zone), now.astimezone(UTC)) + hours


def _working_days_later(local: datetime, days: int, country: str) -> datetime:
    start = _working_day_from(local.date(), country)
    at = local.time() if start == local.date() else time()
    day = start
    for _ in range(days):
        day = _working_day_from(day + DAY, country)
    return datetime.combine(day, at)


def _working_day_from(day: date, country: str) -> date:
    while not is_working_day(day, country):
        day += DAY
    return day


def is_working_day(day: date, country: str) -> bool:
    """Whether people work on this day; where no holidays are known of a country, Monday to Friday."""
    known = _holidays_of(country)
    return day.weekday() < 5 if known is None else known.is_working_day(day)


@cache
def _holidays_of(country: str) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time, in UTC: the first of two, or the end of the gap that it falls into."""
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(microsecond=0)  # the other way round in a gap
    offset = before.astimezone(zone).utcoffset()
    seconds = range(int((moment - before).total_seconds()) + 1)

    def is_past(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).utcoffset() != offset

    return before + timedelta(seconds=bisect_left(seconds, True, key=is_past))

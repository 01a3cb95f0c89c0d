"""Days of a period, by the calendar and not by thirty."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


def last_day(first: date, months: int) -> date:
    """The last day, inclusive, of a period of so many months that starts on `first`.

    It is the day before the same day of the last month, or that month's end when there is no such day.
    """
    same_day = first + relativedelta(months=months)
    return same_day - timedelta(days=1) if same_day.day == first.day else same_day

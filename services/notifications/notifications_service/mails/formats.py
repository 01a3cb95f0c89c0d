"""Dates, moments, money, numbers and countries as people write them in each language (NTF-03)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone, get_timezone_name

from event_schemas import Money

NBSP: Final = "\u00a0"
NARROW: Final = "\u202f"
SYMBOLS: Final = {"EUR": "€"}


@dataclass(frozen=True, slots=True)
class Format:
    """How one language writes; the patterns are for str.format."""

    months: tuple[str, ...]
    first: str
    """The first day of a month."""
    moment: str
    thousands: str
    decimal: str
    money: str
    percent: str


FORMATS: Final[Mapping[str, Format]] = {
    "en": Format(
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        first="1",
        moment="{day} at {hour}:{minute:02}",
        thousands=",",
        decimal=".",
        money="{currency}{number}",
        percent="{number}%",
    ),
    "fr": Format(
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        first="1er",
        moment=f"{{day}} à {{hour}}{NBSP}h{NBSP}{{minute:02}}",
        thousands=NARROW,
        decimal=",",
        money=f"{{number}}{NBSP}{{currency}}",
        percent=f"{{number}}{NARROW}%",
    ),
    "nl": Format(
        months=(
            *("januari", "februari", "maart", "april", "mei", "juni"),
            *("juli", "augustus", "september", "oktober", "november", "december"),
        ),
        first="1",
        moment="{day} om {hour}.{minute:02} uur",
        thousands=".",
        decimal=",",
        money=f"{{currency}}{NBSP}{{number}}",
        percent="{number}%",
    ),
}


def day(value: date, language: str) -> str:
    """A day, e.g. `24 November 2026`."""
    form = FORMATS[language]
    number = form.first if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{form.months[value.month - 1]} {value.year}"


def local_day(value: datetime, language: str, zone: str) -> str:
    """The day of a moment in a time zone."""
    return day(value.astimezone(ZoneInfo(zone)).date(), language)


def moment(value: datetime, language: str, zone: str) -> str:
    """Day and time of a moment in a time zone, e.g. `24 November 2026 at 10:00`."""
    local = value.astimezone(ZoneInfo(zone))
    return FORMATS[language].moment.format(day=day(local.date(), language), hour=local.hour, minute=local.minute)


def number(value: int | Decimal, language: str) -> str:
    """A number with the language's separators; a Decimal keeps its places."""
    form = FORMATS[language]
    signs = {",": form.thousands, ".": form.decimal}
    return "".join(signs.get(sign, sign) for sign in f"{value:,}")


def money(value: Money, language: str) -> str:
    """An amount, e.g. `€256.50`; a currency without a symbol keeps its ISO code."""
    symbol = SYMBOLS.get(value.currency)
    currency = symbol or (value.currency + NBSP if language == "en" else value.currency)
    return FORMATS[language].money.format(number=number(value.amount, language), currency=currency)


def percent(value: int, language: str) -> str:
    """A percentage, e.g. `43%`."""
    return FORMATS[language].percent.format(number=number(value, language))


def country(code: str, language: str) -> str:
    """A country by its ISO 3166-1 code, e.g. `Switzerland`; a code that is not listed stands for itself."""
    return str(Locale(language).territories.get(code, code))


def zone_name(zone: str, language: str) -> str:
    """A time zone by its IANA name as people call it, e.g. `Central European Time`."""
    return str(get_timezone_name(get_timezone(zone), width="long", locale=Locale(language), zone_variant="generic"))

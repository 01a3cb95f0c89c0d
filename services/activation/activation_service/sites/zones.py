"""The time zone of a site: its country's, or the one that its account names (ACT-07)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from chassis.transact import Refusal

COMPARED: Final = [datetime(year, month, 1, tzinfo=UTC) for year in range(2026, 2036) for month in range(1, 13)]
"""Zones that show the same time at all of these are one zone to whoever has an appointment."""
COUNTRY_FORM: Final = "ISO 3166-1 alpha-2, e.g. BE"


def zone_for(country: str, named: str | None, pointer: str = "") -> str | Refusal:
    """The zone named, when it is one of the country's, or else the only one that the country has.

    A refusal lists the accepted ones; `pointer` is where the site stands in the body.
    """
    accepted = zones_of(country)
    if not accepted:
        return Refusal("country-unknown", 422, f"{pointer}/address/country", country, COUNTRY_FORM)
    if named is not None:
        known = named in accepted
        return named if known else Refusal("time-zone-elsewhere", 422, f"{pointer}/time_zone", named, accepted)
    if len({_clock(zone) for zone in accepted}) > 1:
        return Refusal("time-zone-needed", 422, f"{pointer}/time_zone", None, accepted, {"country": country})
    return accepted[0]


def zones_of(country: str) -> Sequence[str]:
    """The zones of a country, the one with most people first; none for what is no country."""
    return _zones().get(country, ())


@cache
def _zones() -> Mapping[str, Sequence[str]]:
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    found = defaultdict(list)
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country].append(zone)
    return dict(found)


@cache
def _clock(zone: str) -> tuple[object, ...]:
    return tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in COMPARED)

"""Until the last day of the standard warranty, inclusive, where the brand lives, extensions are registered (REG-15)."""

from datetime import UTC, datetime, time, timedelta
from itertools import count

import pytest

from registration_service.policy import BOOK

from .conftest import refused

NUMBERS = count(1)
DIRK = {"name": "Dirk Wouters", "email": "dirk.wouters@example.com", "language": "nl"}
UNITS = {
    "dynabook": ("PPCP013FR-VGAD", "7H{:07}X", "PT5B1E-0K601"),
    "samsung-belux": ("SEC-HOME-24", "0V6Q5AB19{:05}N", "WD80T554ABT/S2"),
    "carri": ("CARRI-SITE-36", "CRT-{:07}", "CRT-RACK-2U"),
    "d-link": ("DAS-A-36", "R33K1D9{:06}", "DGS-1210-28"),
    "ibm": ("SPAC-ONSITE-36", "7{:06}", "9105-22A"),
}
EXTENSIONS = [
    ("dynabook", "2025-03-15", "2026-03-14"),
    ("dynabook", "2024-02-29", "2025-02-28"),
    ("dynabook", "2024-03-01", "2025-02-28"),
    ("dynabook", "2023-02-28", "2024-02-27"),
    ("dynabook", "2023-03-01", "2024-02-29"),
    ("dynabook", "2025-01-31", "2026-01-30"),
    ("dynabook", "2025-01-01", "2025-12-31"),
    ("samsung-belux", "2024-02-29", "2026-02-28"),
    ("samsung-belux", "2022-03-01", "2024-02-29"),
    ("samsung-belux", "2024-08-31", "2026-08-30"),
    ("carri", "2024-02-29", "2027-02-28"),
    ("carri", "2021-03-01", "2024-02-29"),
    ("carri", "2024-12-31", "2027-12-30"),
]
OTHERS = [
    ("d-link", "2024-02-29", "2026-02-28"),
    ("ibm", "2024-02-29", "2025-02-28"),
    ("ibm", "2025-05-31", "2026-05-30"),
]


def last_moment(brand: str, day: str) -> datetime:
    """One second before midnight of a day, where the brand lives."""
    local = datetime.combine(datetime.fromisoformat(day), time(23, 59, 59), BOOK.of(brand).zone)
    return local.astimezone(UTC)


def unit(brand: str, purchased_on: str) -> dict[str, str]:
    _, serial, model = UNITS[brand]
    return {"brand": brand, "serial": serial.format(next(NUMBERS)), "model": model, "purchased_on": purchased_on}


async def test_a_table_row_is_an_extension_exactly_when_the_catalogue_says_so(desk) -> None:
    for view in (await desk.room.client.get("/brands")).json()["items"]:
        extends = {one["reference"]: one["extends_warranty"] for one in view["services"]}
        brand = view["brand"]
        assert extends[UNITS[brand][0]] == (brand in {row[0] for row in EXTENSIONS})


@pytest.mark.requirement("REG-15")
@pytest.mark.parametrize(("brand", "purchased_on", "last"), EXTENSIONS)
async def test_an_extension_is_registered_on_the_last_day_and_refused_on_the_next_with_both_dates(
    desk, brand, purchased_on, last
) -> None:
    issued = await desk.certificate(brand=brand, service_reference=UNITS[brand][0])
    desk.room.clock.set(last_moment(brand, last))
    on_the_last_day = await desk.register(issued.certificate_number, **unit(brand, purchased_on))
    assert (on_the_last_day.status_code, on_the_last_day.json().get("warranty_ends_on")) == (201, last)
    desk.room.clock.advance(timedelta(seconds=1))
    before = await desk.rows()
    answer = await desk.register(issued.certificate_number, **unit(brand, purchased_on))
    error = refused(answer, 409, "standard-warranty-over", "/purchased_on")
    today = (datetime.fromisoformat(last) + timedelta(days=1)).date().isoformat()
    assert answer.json()["details"] == {"warranty_ended_on": last, "today": today}
    assert (error["value"], last in error["detail"], today in error["detail"]) == (purchased_on, True, True)
    assert await desk.rows() == before


@pytest.mark.requirement("REG-14", "REG-15")
@pytest.mark.parametrize(("brand", "purchased_on", "last"), OTHERS)
async def test_a_service_that_extends_nothing_is_registered_after_the_last_day_too(
    desk, brand, purchased_on, last
) -> None:
    issued = await desk.certificate(brand=brand, service_reference=UNITS[brand][0])
    desk.room.clock.set(last_moment(brand, last) + timedelta(seconds=1))
    answer = await desk.register(issued.certificate_number, **unit(brand, purchased_on))
    assert (answer.status_code, answer.json()["warranty_ends_on"]) == (201, last)


@pytest.mark.requirement("REG-15")
async def test_the_refusal_gives_both_dates_in_french_and_dutch(desk) -> None:
    issued = await desk.certificate()
    person = {"name": "Jan Peeters", "email": "jan.peeters@example.com", "language": "nl"}
    sent = {**unit("dynabook", "2025-11-20"), "certificate": issued.certificate_number, "customer": person}
    for language, wording in (("fr", "garantie standard"), ("nl", "standaardgarantie")):
        detail = (await desk.room.post("/registrations", sent, language=language)).json()["detail"]
        assert wording in detail
        assert "2026-11-19" in detail
        assert "2026-11-22" in detail


@pytest.mark.requirement("REG-14")
async def test_a_model_can_have_months_of_its_own(desk, shelf) -> None:
    own = '[warranty_months_by_model]\n"S6-PRO*" = 36\n\n[serial_hint]'
    shelf.load("registration", ("[serial_hint]", own))
    issued = await desk.certificate(brand="acme", service_reference="SIX-12", buyer=DIRK)
    ends_on = []
    for number, model in enumerate(("S6-AIR", "s6-pro-2")):
        sent = {"brand": "acme", "serial": f"0123456789A{number}", "model": model, "purchased_on": "2025-08-31"}
        answer = await desk.register(issued.certificate_number, **sent, customer=DIRK)
        ends_on.append(answer.json()["warranty_ends_on"])
    assert ends_on == ["2027-02-28", "2028-08-30"]

"""A code is used within its days from the purchase, the last one included, where the brand lives (ACT-03)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.support.catalogue import offer

from event_schemas.registration import OrderConfirmed
from registration_service.certificates.handlers import _known
from registration_service.offers.domain import Offer

from .bulk import Bulk, utf8
from .conftest import NUMBERS, Desk, refused

pytestmark = pytest.mark.requirement("ACT-03")
SWITCH = {"brand": "d-link", "service_reference": "DAS-A-36"}
PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)


def device(**changes: str) -> dict[str, str]:
    return {"brand": "d-link", "serial": f"R33K1D7{next(NUMBERS):06}", "model": "DGS-1210-28", **changes}


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("purchased_on", "last"),
    [
        ("2026-11-20", "2027-02-18"),
        ("2026-01-01", "2026-04-01"),  # clocks go forward in between
        ("2026-08-01", "2026-10-30"),  # and back
        ("2024-01-31", "2024-04-30"),  # over a 29 February
        ("2026-10-02", "2026-12-31"),
    ],
)
async def test_a_certificate_is_used_on_its_last_day_and_has_lapsed_on_the_next(desk, purchased_on, last) -> None:
    final = date.fromisoformat(last)
    desk.room.clock.set(end_of(final))
    issued = await desk.certificate(**SWITCH, purchased_on=purchased_on)
    assert issued.usable_until == final
    form = f"/registration-form?certificate={issued.certificate_number}"
    assert (await desk.room.client.get(form)).json()["usable_until"] == last
    product = {"purchased_on": purchased_on}
    assert (await desk.register(issued.certificate_number, **device(**product))).status_code == 201
    desk.room.clock.advance(SECOND)
    before = await desk.rows()
    answer = await desk.register(issued.certificate_number, **device(**product))
    error = refused(answer, 409, "certificate-lapsed", "/certificate")
    assert (error["value"], issued.certificate_number in answer.text) == (None, False)
    assert answer.json()["details"] == {"usable_until": last, "today": str(final + timedelta(days=1))}
    assert last in error["detail"]
    assert await desk.rows() == before
    assert (await desk.room.client.get(form)).json()["usable_until"] == last


async def test_form_batch_and_row_say_alike_that_a_certificate_has_lapsed_in_three_languages(desk: Desk) -> None:
    issued = await desk.certificate(**SWITCH, purchased_on="2026-08-23")  # usable until 21 November
    person = {"name": "Jan Peeters", "email": "jan@example.com", "language": "nl"}
    one = {**device(), "certificate": issued.certificate_number, "purchased_on": "2026-08-23"}
    for language, word in (("en", "2026-11-21, that day"), ("fr", "jusqu'au 2026-11-21"), ("nl", "tot en met")):
        answer = await desk.room.post("/registrations", {**one, "customer": person}, language=language)
        assert word in answer.json()["detail"]
    batch = {"brand": one.pop("brand"), "customer": person, "products": [one]}
    problem = (await desk.room.post("/registration-batches", batch)).json()["outcomes"][0]["problem"]
    assert (problem["code"], problem["pointer"]) == ("certificate-lapsed", "/products/0/certificate")
    bulk = Bulk(desk)
    cells = {"service_reference": "DAS-A-36", "purchase_date": "23/08/2026", "email": "lapsed@example.com"}
    row = bulk.row(issued.certificate_number, **cells, serial=one["serial"], model=one["model"])
    dossier = await bulk.done(utf8([row]), brand="d-link")
    [outcome] = await bulk.outcomes(dossier)
    assert (outcome["code"], outcome["column"]) == ("certificate-lapsed", "certificate")


async def test_an_offer_without_days_has_no_deadline(desk) -> None:
    issued = await desk.certificate(purchased_on="2001-01-01")
    assert issued.usable_until is None
    assert (await desk.register(issued.certificate_number)).status_code == 201
    listed = (await desk.room.get("/certificates?brand=dynabook&limit=1")).json()["items"]
    assert (listed[0]["purchased_on"], listed[0]["usable_until"]) == ("2001-01-01", None)


async def test_an_order_from_before_days_of_purchase_were_kept_counts_from_its_confirmation(desk) -> None:
    desk.room.clock.set(datetime(2026, 8, 23, 22, 30, tzinfo=UTC))  # already 24 August in Paris
    issued = await desk.certificate(**SWITCH)
    of_before = "UPDATE orders SET purchased_on = NULL, usable_until = NULL WHERE order_id = $1"
    await desk.room.database.pool.execute(of_before, issued.order_id)
    _known.clear()
    desk.room.clock.set(end_of(date(2026, 11, 22)))
    product = {"purchased_on": "2026-08-24"}
    assert (await desk.register(issued.certificate_number, **device(**product))).status_code == 201
    desk.room.clock.advance(SECOND)
    answer = await desk.register(issued.certificate_number, **device(**product))
    assert answer.json()["details"]["usable_until"] == "2026-11-22"


@pytest.mark.parametrize(("days", "later"), [(90, 30), (30, 90), (90, None), (None, 30)])
async def test_a_certificate_keeps_the_last_day_that_was_said_when_it_was_bought_whatever_becomes_of_the_offer(
    desk: Desk, days: int | None, later: int | None
) -> None:
    reference = f"DAYS-{next(NUMBERS)}"
    entry = {"brand": "d-link", "reference": reference, "models": ["DGS-*"]}
    await desk.room.hear(offer(**entry, code_days=days))
    await desk.said()
    bought = {"brand": "d-link", "service_reference": reference, "purchased_on": "2026-11-20"}
    issued = await desk.certificate(**bought, quantity=3)
    last = days and date(2026, 11, 20) + timedelta(days=days)
    await desk.room.hear(offer(**entry, code_days=later, revision=2))
    assert issued.usable_until == last
    number, product = issued.certificate_number, {"purchased_on": "2026-11-20"}
    form = await desk.room.client.get(f"/registration-form?certificate={number}")
    listed = (await desk.room.get("/certificates?brand=d-link&limit=200")).json()["items"]
    shown = next(one for one in listed if one["certificate_id"] == str(issued.certificate_id))
    assert form.json()["usable_until"] == shown["usable_until"] == (last and str(last))
    desk.room.clock.set(end_of(last or date(2029, 11, 22)))
    assert (await desk.register(number, **device(**product))).status_code == 201
    desk.room.clock.advance(SECOND)
    answer = await desk.register(number, **device(**product))
    assert (answer.status_code, answer.json().get("code")) == ((409, "certificate-lapsed") if last else (201, None))


async def test_an_order_says_the_last_day_of_its_code_to_everybody(desk: Desk) -> None:
    for more, last in ((SWITCH, date(2027, 2, 18)), ({}, None)):
        assert (await desk.order(**more, purchased_on="2026-11-20")).status_code == 201
        confirmed = next(fact for fact in await desk.said() if isinstance(fact, OrderConfirmed))
        assert (confirmed.purchased_on, confirmed.usable_until) == (date(2026, 11, 20), last)


def test_a_day_of_purchase_close_to_the_end_of_time_is_no_error() -> None:
    offer = Offer("b", "r", "n", "n", "n", ("*",), False, 3650, True)
    assert offer.usable_until(date(9999, 12, 1)) == date.max

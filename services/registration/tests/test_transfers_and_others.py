"""Transfers beside contests, whose they are, what they cost, and every brand's notice."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from chassis.database import Cause
from chassis.routes import Due
from event_schemas.registration_cases import ProductTransferred, TransferWithdrawn
from registration_service.policy import BOOK
from registration_service.transfers.domain import last_billable_day, start_of
from registration_service.transfers.handlers import complete_transfer

from .casework import ZOE, claim, customer, dealer, open_case, settle, somebody
from .conftest import refused

NEXT_DAY = datetime(2026, 12, 1, 23, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _no_timer_of_another_test(desk) -> None:
    await desk.room.database.pool.execute("DELETE FROM timer")


@pytest.mark.requirement("REG-17", "REG-16")
async def test_a_contested_product_cannot_be_transferred(desk) -> None:
    case = await open_case(desk)
    await claim(case, desk)
    refused(await case.owner.post("/transfers", case.sale()), 409, "product-contested", "/product_id")
    assert await desk.said() == []


@pytest.mark.requirement("REG-17", "REG-16")
async def test_a_transfer_waits_from_day_to_day_while_the_product_is_contested(desk) -> None:
    case, room = await open_case(desk), desk.room
    await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))
    _, contest_id = await claim(case, desk)
    room.clock.set(NEXT_DAY - DAY)
    assert await room.fire_timers() == 1
    assert await room.fire_timers() == 0
    assert await desk.said() == []
    await settle(case, contest_id, "holder_keeps")
    await desk.said()
    room.clock.set(NEXT_DAY - timedelta(seconds=1))
    assert await room.fire_timers() == 0
    room.clock.set(NEXT_DAY)
    assert await room.fire_timers() == 1
    assert [type(fact) for fact in await desk.said()] == [ProductTransferred]


@pytest.mark.requirement("REG-17", "REG-16")
async def test_a_transfer_of_a_product_that_a_contest_gave_to_somebody_else_is_void(desk) -> None:
    case, room = await open_case(desk), desk.room
    transfer = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()
    _, contest_id = await claim(case, desk)
    await settle(case, contest_id, "claimant_gets")
    await desk.said()
    room.clock.set(NEXT_DAY)
    await room.fire_timers()
    assert [type(fact) for fact in await desk.said()] == [TransferWithdrawn]
    assert (await case.owner.get(f"/transfers/{transfer['transfer_id']}")).json()["state"] == "withdrawn"


@pytest.mark.requirement("REG-17", "REG-16", "ALL-02")
async def test_a_claim_and_a_transfer_at_the_same_moment_know_of_each_other(desk) -> None:
    room, seen = desk.room, set()
    for _ in range(12):
        case, issued = await open_case(desk), await desk.certificate()
        rival = {**case.body, "customer": somebody()}
        rival["certificate"] = issued.certificate_number
        sold, claimed = await asyncio.gather(
            case.owner.post("/transfers", case.sale()), dealer(room).post("/registrations", rival)
        )
        assert claimed.status_code == 202
        holder = await room.database.pool.fetchval(
            "SELECT holder_id FROM contests WHERE contest_id = $1", UUID(claimed.json()["contest_id"])
        )
        now = sold.json()["to_customer_id"] if sold.status_code == 201 else case.registered["customer_id"]
        assert str(holder) == now
        seen.add(sold.status_code)
    assert seen <= {201, 409}


@pytest.mark.requirement("REG-17", "ALL-02")
async def test_a_timer_that_goes_off_too_late_is_harmless(desk) -> None:
    case, room = await open_case(desk), desk.room
    done = (await case.owner.post("/transfers", case.sale())).json()
    await desk.said()
    due = Due("transfer-due", done["transfer_id"], room.clock.now(), {})
    async with room.database.transaction(Cause("test")) as tx:
        assert await complete_transfer(due, tx) == ()
        assert await complete_transfer(Due("transfer-due", str(uuid4()), room.clock.now(), {}), tx) == ()


@pytest.mark.requirement("REG-17", "REG-09", "REG-06")
async def test_who_sold_a_product_cannot_take_its_service_back_but_who_has_it_can(desk) -> None:
    case = await open_case(desk)
    sold = (await case.owner.post("/transfers", case.sale())).json()
    await desk.said()
    path = f"/registrations/{case.registered['redemption_id']}/cancellation"
    answer = await case.dealer.post(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "registration-passed-on")
    assert (await case.owner.post(path)).status_code == 404
    assert await desk.said() == []
    assert (await customer(desk.room, sold["to_customer_id"]).post(path)).status_code == 200


@pytest.mark.requirement("REG-17", "REG-06")
async def test_another_organisation_gets_the_answer_of_an_unknown_transfer(desk) -> None:
    case = await open_case(desk)
    own = (await case.dealer.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()["transfer_id"]
    stranger, colleague = dealer(desk.room), dealer(desk.room, case.dealer.claims["organisation"])
    seen, unknown = [], uuid4()
    for one in (own, unknown):
        got = await stranger.get(f"/transfers/{one}")
        withdrawn = await stranger.post(f"/transfers/{one}/withdrawal")
        assert (got.status_code, withdrawn.status_code) == (404, 404)
        seen.append([{**answer.json(), "correlation_id": ""} for answer in (got, withdrawn)])
    assert seen[0] == seen[1]
    hidden = refused_alike(await stranger.post("/transfers", case.sale()))
    assert hidden == refused_alike(await stranger.post("/transfers", case.sale(product_id=str(unknown))))
    other_brand = dealer(desk.room, case.dealer.claims["organisation"], brand="ibm")
    assert (await other_brand.get(f"/transfers/{own}")).status_code == 404
    assert (await other_brand.post("/transfers", case.lease_return())).status_code == 404
    for reader, count in ((stranger, 0), (other_brand, 0), (colleague, 1), (case.owner, 1), (case.staff, 1)):
        listed = (await reader.get(f"/transfers?serial={case.body['serial']}")).json()["items"]
        assert [item["transfer_id"] for item in listed] == [own] * count


def refused_alike(answer) -> dict[str, object]:
    assert answer.status_code == 404
    return {**answer.json(), "correlation_id": ""}


@pytest.mark.requirement("REG-17", "ALL-05")
async def test_reason_financing_number_and_persons_stay_off_the_public_topic(desk) -> None:
    case = await open_case(desk)
    await case.owner.post("/transfers", case.sale(reason="Bankruptcy of the firm."))
    rows = await desk.room.database.pool.fetch("SELECT topic, convert_from(payload, 'UTF8') AS said FROM outbox")
    public = " ".join(row["said"] for row in rows if row["topic"] == "registration")
    assert "Bankruptcy" not in public
    assert ZOE["name"] not in public
    assert case.product_id in public


@pytest.mark.requirement("REG-17", "ALL-01")
async def test_transfers_are_listed_newest_first_by_state_and_brand_with_cursor_and_etag(desk) -> None:
    case, room = await open_case(desk), desk.room
    await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))
    first = (await case.owner.get("/transfers?state=pending&brand=dynabook")).json()["items"][0]
    await case.owner.post(f"/transfers/{first['transfer_id']}/withdrawal")
    room.clock.advance(timedelta(minutes=1))
    second = (await case.owner.post("/transfers", case.sale(transferred_on="2026-12-01"))).json()
    page = (await case.owner.get("/transfers?limit=1")).json()
    assert [item["transfer_id"] for item in page["items"]] == [second["transfer_id"]]
    rest = (await case.owner.get(f"/transfers?limit=1&cursor={page['next_cursor']}")).json()
    assert [item["state"] for item in rest["items"]] == ["withdrawn"]
    assert rest["next_cursor"] is None
    refused(await case.owner.get("/transfers?brand=nobody"), 422, "brand-unknown", "/brand")
    one = await case.owner.get(f"/transfers/{second['transfer_id']}")
    headers = {"If-None-Match": one.headers["etag"], **one.request.headers}
    again = await room.client.get(f"/transfers/{second['transfer_id']}", headers=headers)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize(
    ("transferred_on", "reported_on", "months", "last"),
    [
        ("2026-12-01", "2026-11-22", 0, "2026-12-01"),
        ("2026-12-01", "2026-11-22", 1, "2026-12-22"),
        ("2027-03-01", "2026-11-22", 1, "2027-03-01"),
        ("2026-10-01", "2026-11-22", 0, "2026-11-22"),
        ("2027-01-31", "2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", "2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", "2028-02-29", 12, "2029-02-28"),
        ("2026-08-31", "2026-08-31", 1, "2026-09-30"),
        ("2026-11-30", "2026-11-30", 3, "2027-02-28"),
        ("2027-02-28", "2027-02-28", 1, "2027-03-28"),
        ("2026-12-31", "2026-12-31", 2, "2027-02-28"),
        ("2026-12-15", "2026-12-15", 24, "2028-12-15"),
    ],
)
def test_the_former_customer_pays_to_the_later_of_transfer_and_notice(transferred_on, reported_on, months, last):
    days = map(date.fromisoformat, (transferred_on, reported_on))
    assert last_billable_day(*days, months) == date.fromisoformat(last)


@pytest.mark.requirement("REG-17")
@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        ("Europe/Paris", "2026-12-01", "2026-11-30T23:00:00+00:00"),
        ("Europe/Paris", "2027-03-28", "2027-03-27T23:00:00+00:00"),
        ("Europe/Paris", "2027-03-29", "2027-03-28T22:00:00+00:00"),
        ("America/Toronto", "2026-12-01", "2026-12-01T05:00:00+00:00"),
        ("America/Toronto", "2027-07-01", "2027-07-01T04:00:00+00:00"),
        ("Africa/Cairo", "2027-04-30", "2027-04-29T22:00:00+00:00"),
        ("Pacific/Auckland", "2026-12-01", "2026-11-30T11:00:00+00:00"),
    ],
)
def test_a_day_starts_where_the_brand_lives_also_when_clocks_change(zone, day, moment):
    assert start_of(date.fromisoformat(day), ZoneInfo(zone)).isoformat() == moment


@pytest.mark.requirement("REG-17", "POL-01", "POL-02")
async def test_every_brands_notice_runs_from_the_report_in_the_brands_own_day(desk) -> None:
    room = desk.room
    room.clock.set(datetime(2026, 12, 1, 2, tzinfo=UTC))  # already December in Europe, still November in Toronto
    units = {
        "dynabook": ("PPCP013FR-VGAD", "PT5B1E-0K601", desk.serial()),
        "d-link": ("DAS-A-36", "DGS-1210", "RZ9B000000001"),
        "samsung-belux": ("SEC-HOME-24", "DV80K6010CW/EN", "0V6Q5AB1800001N"),
        "ibm": ("SPAC-ONSITE-36", "9009-42A", "7800001"),
        "carri": ("CARRI-SITE-36", "CRT-2400", "CR00000001"),
    }
    for brand in BOOK.brands():
        reference, model, serial = units[brand]
        issued = await desk.certificate(brand=brand, service_reference=reference)
        changes = {"brand": brand, "model": model, "serial": serial, "purchased_on": "2026-11-01"}
        case = await open_case(desk, certificate=issued.certificate_number, **changes)
        view = (await case.owner.post("/transfers", case.sale(transferred_on="2026-11-20"))).json()
        today = "2026-11-30" if brand == "ibm" else "2026-12-01"
        assert view["takes_effect_on"] == today
        assert view["last_billable_on"] == ("2026-12-30" if brand == "ibm" else "2026-12-01")
    assert set(units) == set(BOOK.brands())

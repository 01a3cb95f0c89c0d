"""Software maintenance: what may be downloaded, when it lapses, what taking it up again costs, when it is too late."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activation_service.policy import Reinstatement
from activation_service.software.domain import quote, reinstatable_until, started_months
from activation_service.software.handlers import maintained_until
from chassis.calendar import last_day
from chassis.database import Cause
from chassis.transact import apply
from event_schemas.activation_contracts import LicenceMaintenanceLapsed, LicenceMaintenanceReinstated
from event_schemas.base import Money

from .asking import Person, at
from .licensing import SCOPES, bought, cleared, get, licences, loaded, release

LAST = "2029-11-21"
LAPSED = "2029-11-22"
DAY = timedelta(days=1)
RULE = Reinstatement(within_months=12, fee=Money(amount=Decimal(60)), fee_per_month=Money(amount=Decimal("12.50")))


@pytest.fixture
async def here(room):
    return await cleared(room)


@pytest.fixture
def holder(here):
    return Person(here)


async def a_licence(holder) -> dict:
    """A licence with its key, maintained to 21 November 2029."""
    await loaded(holder.room, "KEY-1", "KEY-2")
    await bought(holder)
    (shown,) = await licences(holder)
    assert shown["maintained_until"] == LAST
    return shown


async def licence_facts(room) -> list:
    """What is said of licences when all timers that are due have gone off."""
    await room.said()
    while await room.fire_timers():
        pass
    return [fact for fact in await room.said() if fact.NAME.startswith("licence.")]


async def lapsed(holder, on: str = LAPSED) -> str:
    licence_id = (await a_licence(holder))["licence_id"]
    at(holder.room, on)
    (fact,) = await licence_facts(holder.room)
    assert isinstance(fact, LicenceMaintenanceLapsed)
    return licence_id


async def pay(room, licence_id, amount, **more):
    body = {"amount": {"amount": amount, "currency": "EUR"}}
    return await room.post(f"/licences/{licence_id}/reinstatement", body, **more)


async def prolong(room, licence: dict, until: date):
    async def deed(_, tx):
        return await maintained_until(UUID(licence["activation_id"]), until, tx)

    await apply(room.database, deed, None, Cause("story"))


@pytest.mark.requirement("ACT-12")
async def test_maintenance_lapses_when_the_last_day_is_over_where_the_brand_is_never_before_and_once(here, holder):
    await a_licence(holder)
    at(here, LAST, "23:59:59")
    assert await licence_facts(here) == []
    assert (await licences(holder))[0]["maintenance"] == "running"
    at(here, LAPSED, "00:00")
    (fact,) = await licence_facts(here)
    assert (fact.lapsed_on, fact.reinstatable_until) == (date(2029, 11, 22), date(2030, 11, 21))
    assert (await licences(holder))[0]["maintenance"] == "lapsed"
    at(here, "2030-05-01")
    assert await licence_facts(here) == []


@pytest.mark.requirement("ACT-12", "ACT-10")
async def test_a_renewal_in_time_prolongs_maintenance_and_a_late_one_without_a_gap_takes_it_up_without_a_fee(
    here, holder
):
    licence = await a_licence(holder)
    await prolong(here, licence, date(2030, 11, 21))
    assert [fact for fact in await here.said() if fact.NAME.startswith("licence.")] == []
    at(here, LAPSED)
    assert await licence_facts(here) == []
    at(here, "2030-11-22")
    assert len(await licence_facts(here)) == 1
    await prolong(here, licence, date(2031, 11, 21))
    (again,) = await here.said()
    assert isinstance(again, LicenceMaintenanceReinstated)
    assert (again.fee.amount, again.maintained_until) == (Decimal("0.00"), date(2031, 11, 21))
    at(here, "2031-11-22")
    assert len(await licence_facts(here)) == 1


@pytest.mark.requirement("ACT-12", "ACT-11")
async def test_maintenance_ends_with_a_service_that_ends_early_also_on_a_day_that_is_over(here, holder):
    licence = await a_licence(holder)
    at(here, "2027-03-01")
    await prolong(here, licence, date(2027, 2, 10))
    (fact,) = await licence_facts(here)
    assert fact.lapsed_on == date(2027, 2, 11)


@pytest.mark.requirement("ACT-12")
async def test_what_was_released_under_maintenance_stays_for_ever_and_later_versions_are_only_named(here, holder):
    licence_id = (await a_licence(holder))["licence_id"]
    for version, on in (("1.0", "2026-01-01"), ("2.0", LAST), ("3.0", LAPSED), ("4.0", "2034-01-01")):
        await release(here, version, on)
    assert [one["version"] for one in await _downloads(holder, licence_id)] == ["1.0"]
    at(here, "2033-06-01")
    seen = {one["version"]: (one["entitled"], one["download_url"]) for one in await _downloads(holder, licence_id)}
    assert seen == {
        "1.0": (True, "https://downloads.example/1.0"),
        "2.0": (True, "https://downloads.example/2.0"),
        "3.0": (False, None),
    }
    assert [one["version"] for one in await _downloads(holder, licence_id, "?limit=1")] == ["3.0"]


@pytest.mark.requirement("ACT-12")
async def test_a_version_that_is_kept_here_is_downloaded_by_those_whom_their_licence_entitles(here, holder):
    licence_id = (await a_licence(holder))["licence_id"]
    files = []
    for version, on in (("2.0", "2026-11-22"), ("3.0", LAPSED)):
        body = f"# {version}\necho upgrade\n".encode()
        sent = await here.client.post(
            "/documents?name=upgrade.txt",
            content=body,
            headers={**here._headers(None, "en"), "Idempotency-Key": version},
        )
        shown = await release(here, version, on, document_id=sent.json()["document_id"])
        files.append(f"/licences/{licence_id}/downloads/{shown['release_id']}/file")
    at(here, "2030-01-01")
    right, wrong = [await get(holder, file) for file in files]
    assert (right.status_code, right.text) == (200, "# 2.0\necho upgrade\n")
    assert wrong.status_code == 404
    assert (await get(Person(here), files[0])).status_code == 404
    listed = {one["version"]: one["file"] for one in await _downloads(holder, licence_id)}
    assert listed == {"2.0": files[0], "3.0": None}


@pytest.mark.requirement("ACT-12", "ALL-01")
async def test_a_release_needs_one_place_an_unused_version_and_a_known_program(here):
    usual = {"brand": "d-link", "software": "NUCLIAS-CONNECT", "version": "1.0", "released_on": "2026-11-20"}
    nowhere = await here.post("/software-releases", usual)
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "release-without-place")
    await release(here, "1.0", "2026-11-20")
    again = await here.post("/software-releases", usual | {"download_url": "https://downloads.example/x"})
    assert (again.status_code, again.json()["code"]) == (409, "release-exists")
    other = await here.post("/software-releases", usual | {"software": "X", "download_url": "https://example.org/x"})
    assert (other.status_code, other.json()["code"]) == (422, "software-unknown")
    plain = await here.post("/software-releases", usual | {"download_url": "http://example.org/x"})
    assert plain.json()["errors"][0]["pointer"] == "/download_url"


@pytest.mark.requirement("ACT-12")
async def test_the_fee_is_quoted_with_its_arithmetic_and_maintenance_runs_again_when_it_is_paid(here, holder):
    licence_id = await lapsed(holder)
    at(here, "2030-01-31")
    shown = (await get(holder, f"/licences/{licence_id}/reinstatement")).json()
    assert (shown["lapsed_on"], shown["months"], shown["total"]) == (LAPSED, 3, {"amount": "97.50", "currency": "EUR"})
    wrong = await pay(here, licence_id, "85.00")
    assert (wrong.status_code, wrong.json()["errors"][0]["accepted"]) == (409, "97.50 EUR")
    done = await pay(here, licence_id, "97.50")
    assert (done.status_code, done.json()["maintained_until"], done.json()["maintenance"]) == (
        200, "2031-01-30", "running",
    )  # fmt: skip
    (fact,) = await here.said()
    assert isinstance(fact, LicenceMaintenanceReinstated)
    assert (fact.fee.amount, fact.maintained_until) == (Decimal("97.50"), date(2031, 1, 30))
    again = await pay(here, licence_id, "97.50")
    assert (again.status_code, again.json()["code"]) == (409, "maintenance-running")
    at(here, "2031-01-31")
    assert [fact.lapsed_on for fact in await licence_facts(here)] == [date(2031, 1, 31)]


@pytest.mark.requirement("ACT-12")
async def test_a_reinstatement_survives_that_its_former_service_is_told_to_end_earlier(here, holder):
    licence_id = await lapsed(holder)
    assert (await pay(here, licence_id, "72.50")).status_code == 200
    await prolong(here, (await licences(holder))[0], date(2029, 1, 1))
    assert (await licences(holder))[0]["maintained_until"] == "2030-11-21"


@pytest.mark.requirement("ACT-12")
async def test_after_the_months_of_the_policy_or_without_any_rule_only_a_new_licence_helps(here, holder):
    licence_id = await lapsed(holder)
    at(here, "2030-11-21", "23:59")
    assert (await get(holder, f"/licences/{licence_id}/reinstatement")).json()["months"] == 12
    at(here, "2030-11-22", "00:00")
    late = await pay(here, licence_id, "210.00")
    assert (late.status_code, late.json()["code"]) == (409, "new-licence-needed")
    laptop = await holder.product(brand="dynabook", model="PT5B1E-0K601")
    await bought(holder, laptop, service="PPCP013FR-VGAD")
    pack = (await licences(holder, "?brand=dynabook"))[0]
    assert pack["reinstatable_until"] is None
    here.clock.set(here.clock.now().replace(year=2040))
    none = await get(holder, f"/licences/{pack['licence_id']}/reinstatement")
    assert (none.status_code, none.json()["code"]) == (409, "new-licence-needed")


@pytest.mark.requirement("ACT-12")
async def test_nothing_is_quoted_while_maintenance_runs_or_for_a_product_that_is_another_customers(here, holder):
    licence = await a_licence(holder)
    early = await get(holder, f"/licences/{licence['licence_id']}/reinstatement")
    assert (early.status_code, early.json()["code"]) == (409, "maintenance-running")
    await here.database.pool.execute(
        "UPDATE products SET customer_id = gen_random_uuid() WHERE product_id = $1", UUID(licence["product_id"])
    )
    at(here, "2029-12-24")
    gone = await get(holder, f"/licences/{licence['licence_id']}/reinstatement")
    assert (gone.status_code, gone.json()["code"]) == (409, "product-not-held")


@pytest.mark.requirement("ACT-12", "ALL-02")
async def test_a_fee_that_is_paid_many_times_at_once_and_while_the_timer_goes_off_counts_once(here, holder):
    licence_id = (await a_licence(holder))["licence_id"]
    at(here, LAPSED)
    await here.said()
    *answers, _ = await asyncio.gather(*(pay(here, licence_id, "72.50") for _ in range(8)), here.fire_timers())
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    said = [fact.NAME for fact in await here.said() if fact.NAME.startswith("licence.")]
    assert said.count("licence.maintenance.reinstated") == 1
    assert said[-1] == "licence.maintenance.reinstated"
    assert (await licences(holder))[0]["maintenance"] == "running"


@pytest.mark.requirement("ACT-12")
async def test_the_holder_sees_the_quote_and_only_those_who_take_the_money_reinstate(here, holder):
    licence_id = await lapsed(holder)
    assert (await pay(here, licence_id, "72.50", scopes=SCOPES, claims=holder.claims)).status_code == 403


@pytest.mark.requirement("ACT-12")
@pytest.mark.parametrize(
    ("lapsed_on", "today", "months", "total"),
    [
        ("2027-01-31", "2027-01-31", 1, "72.50"),
        ("2027-01-31", "2027-02-28", 1, "72.50"),
        ("2027-01-31", "2027-03-01", 2, "85.00"),
        ("2028-01-31", "2028-02-29", 1, "72.50"),
        ("2028-02-29", "2028-03-28", 1, "72.50"),
        ("2028-02-29", "2028-03-29", 2, "85.00"),
        ("2027-12-15", "2028-01-14", 1, "72.50"),
        ("2027-12-15", "2028-01-15", 2, "85.00"),
        ("2027-12-15", "2028-12-14", 12, "210.00"),
    ],
)
def test_a_started_month_counts_as_a_whole_also_at_the_ends_of_months(lapsed_on, today, months, total):
    found = quote(date.fromisoformat(lapsed_on), date.fromisoformat(today), RULE)
    assert (found.months, found.total.amount) == (months, Decimal(total))


@pytest.mark.requirement("ACT-12")
@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.integers(0, 1500))
def test_months_are_started_as_terms_are_counted_and_twelve_of_them_can_be_reinstated(first, days):
    day = first + days * DAY
    months = started_months(first, day)
    assert last_day(first, months) >= day
    assert months == 1 or last_day(first, months - 1) < day
    last = reinstatable_until(first, RULE)
    assert last is not None
    assert (months <= 12) == (day <= last)


@pytest.mark.requirement("ACT-12", "POL-01")
def test_a_policy_whose_fees_are_in_two_currencies_is_refused():
    with pytest.raises(ValueError, match="USD cannot be added to EUR"):
        Reinstatement(
            within_months=12, fee=Money(amount=Decimal(60)), fee_per_month=Money(amount=Decimal(1), currency="USD")
        )


async def _downloads(holder, licence_id, query=""):
    answer = await get(holder, f"/licences/{licence_id}/downloads{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]

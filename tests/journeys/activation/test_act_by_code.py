"""A service by code, at every brand: from the buyer's mail to a repair under contract (ACT-01 to ACT-09)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from tests.journeys.activation.activating import HOME, Activating, Body, activating
from tests.journeys.brands import EVERY, Played
from tests.journeys.test_warranty_check import check
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day

ZONES = {"FR": "Europe/Paris", "BE": "Europe/Brussels", "DE": "Europe/Berlin", "CH": "Europe/Zurich"}


def works(day: date, country: str) -> bool:
    return day.weekday() < 5 and day not in holidays.country_holidays(country, years=day.year)


def set_up(played: Played, activated_at: datetime) -> datetime:
    """When two days are over at the site, by the brand's way of counting them; the sixth brand has more."""
    country = HOME[played.brand]["country"]
    local = activated_at.astimezone(ZoneInfo(ZONES[country]))
    delay = {"acme": timedelta(days=3, hours=6)}.get(played.brand, timedelta(days=2))
    if played.policy("activation").get("setup_days") != "working":
        days = local + timedelta(days=delay.days)  # wall clock: the same local time
        return (days.astimezone(UTC) + (delay - timedelta(days=delay.days))).astimezone(UTC)
    if not works(local.date(), country):
        local = datetime.combine(local.date(), time(), local.tzinfo)
        while not works(local.date(), country):
            local += timedelta(days=1)
    left = delay.days
    while left:
        local += timedelta(days=1)
        left -= works(local.date(), country)
    return local.astimezone(UTC)


@pytest.mark.requirement("ACT-01", "ACT-02", "ACT-04", "ACT-06", "ACT-07", "ACT-08", "ACT-09", "REG-23", "TKT-09")
@pytest.mark.parametrize("played", EVERY, ids=lambda played: played.brand)
async def test_a_code_from_the_mail_becomes_a_service_under_contract_that_is_operational_after_the_brands_days(
    stack: Stack, watch: Watch, played: Played
) -> None:
    journey = await activating(stack, watch, played).home()
    before = await journey.read(f"/products/{journey.product['product_id']}")
    choices = {one["reference"]: one for one in before["applicable_offers"]}
    assert choices[played.reference]["already_running"] is False

    site, today = await journey.site(), journey.day()
    activated = await journey.activate(site=site)
    assert (activated["serial"], activated["service_reference"]) == (journey.serial, played.reference)
    assert (activated["site_number"], activated["terms_version"]) == (site, played.offer["terms_version"])
    assert activated["contract_number"].startswith(played.policy("activation")["contracts"]["number_prefix"])
    assert activated["ends_on"] == last_day(today, played.offer["duration_months"]).isoformat()
    assert moment(activated, "operational_at") == set_up(played, moment(activated, "activated_at"))
    assert await journey.ledger() == [-1]
    await journey.covered_as("contract_in_setup")

    await journey.operational(activated)
    await journey.covered_as("contract")
    assert (await journey.ask_repair())["verdict"] == "contract"
    await everybody_sees(journey, activated)
    for kind in ("service-activated", "service-operational", "ticket-received"):
        await journey.mailed(kind)
    assert len(watch.heard("service.operational.v1", serial=journey.serial)) == 1
    assert {mail["headers"]["Content-Language"] for mail in await journey.mails(journey.owner["email"])} == {
        played.language
    }


async def everybody_sees(journey: Activating, activated: Body) -> None:
    """The service in each list and in the public's answer."""
    activation_id, number = activated["activation_id"], activated["contract_number"]
    shown = await journey.read(f"/products/{journey.product['product_id']}")
    running = [(one["activation_id"], one["contract_number"]) for one in shown["services"] if one["running"]]
    assert running == [(activation_id, number)]
    listed = await journey.read("/activations", serial=journey.serial, state="operational")
    assert [(one["activation_id"], one["ends_on"]) for one in listed["items"]] == [
        (activation_id, activated["ends_on"])
    ]
    contracts = await journey.read("/contracts", number=number)
    assert [one["ends_on"] for one in contracts["items"]] == [activated["ends_on"]]
    lines = await journey.read(f"/contracts/{contracts['items'][0]['contract_id']}/lines", serial=journey.serial)
    assert [one["activation_id"] for one in lines["items"]] == [activation_id]

    async def public() -> bool:
        products = (await check(journey.stack, journey.serial, journey.played.brand)).json()["products"]
        services = [(one["state"], one["ends_on"]) for product in products for one in product["services"]]
        return services == [("operational", activated["ends_on"])]

    await until(public, "what the public sees", every=0.3)


def moment(fact: Body, name: str) -> datetime:
    return datetime.fromisoformat(fact[name])

"""From OrderConfirmed to CreditIssued: the main job of each brand, through HTTP, topics and mails alone."""

import asyncio
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.brands import EVERY, PLAYED, Played
from tests.journeys.journey import Journey
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

UNITS: Final = count(1)
TEN_MONTHS: Final = relativedelta(months=10)


def journey_of(stack: Stack, watch: Watch, played: Played) -> Journey:
    return Journey(stack, watch, played, played.unit(next(UNITS)))


def depreciation_after_ten_months(played: Played) -> int:
    """What the brand's policy file says."""
    rows: list[dict[str, Any]] = played.policy("credits")["depreciation"]
    return int([row["percent"] for row in rows if row["from_months"] <= 10][-1])


def calendar_days(first: datetime, last: datetime, zone: ZoneInfo) -> int:
    """From one moment to another, by the calendar: the clocks may be changed in between."""
    return (last.astimezone(zone).date() - first.astimezone(zone).date()).days


@pytest.mark.requirement(
    "REG-08", "REG-10", "ACT-01", "ACT-07", "TKT-03", "TKT-09", "TKT-16", "CRD-01", "CRD-02", "POL-02"
)
@pytest.mark.parametrize("played", EVERY, ids=lambda played: played.brand)
async def test_an_order_becomes_a_certificate_a_service_a_repair_a_return_and_a_credit(
    stack: Stack, watch: Watch, played: Played
) -> None:
    journey = journey_of(stack, watch, played)
    certificate = await journey.order()
    form = (await stack.get("registration", "/registration-form", certificate=certificate)).json()
    assert (form["service_reference"], form["quantity"], form["units_left"]) == (played.reference, 3, 3)

    registered = await journey.register(certificate, TEN_MONTHS)
    assert registered["units_left"] == 2
    activated = await watch.event("service.activated.v1", serial=journey.serial)
    times = {name: datetime.fromisoformat(activated.data[name]) for name in ("activated_at", "operational_at")}
    assert calendar_days(times["activated_at"], times["operational_at"], played.zone) >= 2
    await until(lambda: covered(stack, journey), "tickets hears of the service")

    early = await journey.ask_repair()
    assert early["verdict"] == "contract_in_setup"
    assert datetime.fromisoformat(early["operational_at"]) == times["operational_at"]

    await stack.advance(times["operational_at"] - stack.now() + timedelta(seconds=1))
    await watch.event("service.operational.v1", serial=journey.serial)
    revised = await watch.event("coverage.revised.v1", ticket_id=early["ticket_id"])
    assert (revised.data["previous_verdict"], revised.data["verdict"]) == ("contract_in_setup", "contract")
    finished = await watch.event("repair.finished.v1", ticket_id=early["ticket_id"])
    assert finished.data["outcome"] == "not_repairable"

    invoiced_on = journey.day(TEN_MONTHS)
    await journey.invoice("450.00", TEN_MONTHS)
    asked = await journey.ask_return(early["ticket_id"])
    accepted = await watch.event("return.accepted.v1", ticket_id=asked["ticket_id"])
    issued = (await watch.event("credit.issued.v1", ticket_id=asked["ticket_id"])).data
    percent = depreciation_after_ten_months(played)
    due = (Decimal("450.00") * (100 - percent) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert issued["grms_number"] == accepted.data["grms_number"]
    assert (issued["depreciation_percent"], Decimal(issued["amount"]["amount"])) == (percent, due)
    found = (await stack.get("credits", "/credits", brand=played.brand, grms_number=issued["grms_number"])).json()
    assert [item["invoiced_on"] for item in found["items"]] == [invoiced_on.isoformat()]
    await until(lambda: credited(watch, registered["customer_id"]), "the mail about the credit")
    mails = await journey.mails(journey.owner["email"])
    assert {mail["headers"]["Content-Language"] for mail in mails} == {played.language}


async def credited(watch: Watch, customer_id: str) -> bool:
    """Whether the customer was mailed about a credit."""
    return "credit-issued" in [one.data["kind"] for one in watch.heard("notification.sent.v1", contact_id=customer_id)]


async def covered(stack: Stack, journey: Journey) -> bool:
    """Whether tickets knows that the unit's service is being set up."""
    asked = await stack.get("tickets", "/coverage", brand=journey.played.brand, serial=journey.serial)
    return bool(asked.json()["verdict"] == "contract_in_setup")


@pytest.mark.requirement("CRD-02")
async def test_four_hundred_and_fifty_euros_at_43_percent_give_back_256_50(stack: Stack, watch: Watch) -> None:
    journey = journey_of(stack, watch, PLAYED[0])
    await journey.register(await journey.order(1), TEN_MONTHS)
    await journey.invoice("450.00", TEN_MONTHS)
    body = {"brand": journey.played.brand, "serial": journey.serial, "defect": "dead"}
    asked = await until(lambda: returned(stack, body), "tickets hears of the product")
    issued = (await watch.event("credit.issued.v1", ticket_id=asked["ticket_id"])).data
    assert (issued["depreciation_percent"], issued["amount"]) == (43, {"amount": "256.50", "currency": "EUR"})


async def returned(stack: Stack, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a return request, empty as long as the unit is unknown."""
    answer = await stack.post("tickets", "/return-requests", body)
    return dict(answer.json()) if answer.status_code == 201 else {}


@pytest.mark.requirement("REG-09")
async def test_of_a_hundred_parallel_redemptions_of_three_units_three_succeed(stack: Stack, watch: Watch) -> None:
    played = PLAYED[0]
    journey = journey_of(stack, watch, played)
    certificate = await journey.order(3)

    async def redeem(number: int) -> tuple[int, str]:
        body = {"brand": played.brand, "certificate": certificate, "serial": played.unit(90_000 + number)}
        customer = {"model": played.model, "purchased_on": journey.day().isoformat(), "customer": journey.owner}
        answer = await stack.post("registration", "/registrations", {**body, **customer})
        return answer.status_code, answer.json().get("code", "")

    outcomes = await asyncio.gather(*(redeem(number) for number in range(100)))
    assert sorted(set(outcomes)) == [(201, ""), (409, "certificate-exhausted")]
    assert outcomes.count((201, "")) == 3


@pytest.mark.requirement("ALL-07")
async def test_logistics_hear_of_activation_and_operation_from_their_own_group(
    stack: Stack, watch: Watch, logistics: asyncio.subprocess.Process
) -> None:
    journey = journey_of(stack, watch, PLAYED[1])
    await journey.register(await journey.order(1))
    activated = await watch.event("service.activated.v1", serial=journey.serial)
    operational_at = datetime.fromisoformat(activated.data["operational_at"])
    await stack.advance(operational_at - stack.now() + timedelta(seconds=1))
    assert logistics.stdout
    lines: list[str] = []
    async with asyncio.timeout(30):
        while sum(journey.serial in line for line in lines) < 2:
            lines.append((await logistics.stdout.readline()).decode())
    said = [line for line in lines if journey.serial in line]
    assert said[0].startswith("set up ")
    assert said[1].startswith("operational: ")

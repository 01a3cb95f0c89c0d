"""The public check by serial number on the running stack: what it shows follows the topics (REG-23)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.journeys.brands import ADDED, PLAYED, Played
from tests.journeys.journey import Journey
from tests.journeys.test_order_to_credit import journey_of
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch


async def check(stack: Stack, serial: str, brand: str, forwarded: str = "", language: str = "nl") -> httpx.Response:
    """Ask as anybody does: without a token."""
    headers = {"Accept-Language": language, **({"X-Forwarded-For": forwarded} if forwarded else {})}
    url = stack.url("registration") + "/warranty-checks"
    return await stack.client.get(url, params={"brand": brand, "serial": serial}, headers=headers)


async def service_in(journey: Journey, state: str) -> dict[str, Any]:
    """The one service of the journey's product when it is in this state, else nothing."""
    answer = await check(journey.stack, journey.serial, journey.played.brand)
    assert answer.status_code == 200, answer.text
    [product] = answer.json()["products"]
    assert product["under_warranty"] is True
    [service] = product["services"]
    return dict(service) if service["state"] == state else {}


@pytest.mark.requirement("REG-23", "POL-02")
@pytest.mark.parametrize("played", [PLAYED[2], ADDED], ids=lambda played: played.brand)
async def test_anybody_sees_when_a_service_is_active_and_when_it_is_operational(
    stack: Stack, watch: Watch, played: Played
) -> None:
    journey = journey_of(stack, watch, played)
    certificate = await journey.order(1)
    await journey.register(certificate)
    active = await until(lambda: service_in(journey, "active"), "registration hears that the service is active")
    names = played.offer["name"]
    assert (active["service_reference"], active["service_name"]) == (played.reference, names["nl"])
    from_then = datetime.fromisoformat(active["operational_from"])
    await stack.advance(from_then - stack.now() + timedelta(seconds=1))
    operational = await until(lambda: service_in(journey, "operational"), "registration hears that it is operational")
    assert {**active, "state": "operational"} == operational
    text = (await check(stack, journey.serial, played.brand)).text
    assert [one for one in (certificate, journey.owner["name"], journey.owner["email"]) if one in text] == []


@pytest.mark.requirement("REG-23")
async def test_a_stranger_cannot_get_more_guesses_by_claiming_other_addresses(stack: Stack) -> None:
    await stack.advance(timedelta(minutes=1))  # whatever was asked before is forgiven
    guesses = [check(stack, f"9H{number:07}Q", "dynabook", f"192.0.2.{number}") for number in range(16)]
    seen = [answer.status_code for answer in await asyncio.gather(*guesses)]
    assert set(seen) == {200, 429}
    assert seen.count(200) in (12, 13), "a minute's budget, and what a second or two bring on top"

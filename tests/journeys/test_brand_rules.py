"""Each brand's own rules at the registration of a product: serial numbers, models, the last day for an extension."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.brands import EVERY, Played
from tests.journeys.journey import Journey
from tests.journeys.test_order_to_credit import journey_of
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day

each_brand = pytest.mark.parametrize("played", EVERY, ids=lambda played: played.brand)


class Form:
    """The registration form of one certificate, filled in rightly unless a test says otherwise."""

    def __init__(self, journey: Journey, certificate: str) -> None:
        self._journey, self.certificate = journey, certificate

    async def send(self, **changes: Any) -> httpx.Response:
        journey = self._journey
        usual = {
            "brand": journey.played.brand,
            "certificate": self.certificate,
            "serial": journey.serial,
            "model": journey.played.model,
            "purchased_on": journey.day().isoformat(),
            "customer": journey.owner,
        }
        return await journey.stack.post("registration", "/registrations", usual | changes)


async def form_of(stack: Stack, watch: Watch, played: Played) -> Form:
    journey = journey_of(stack, watch, played)
    return Form(journey, await journey.order(3))


def refusal(answer: httpx.Response) -> tuple[int, str, dict[str, Any]]:
    """Status, code and the one field at fault."""
    problem = answer.json()
    [error] = problem["errors"]
    return answer.status_code, problem["code"], error


@pytest.mark.requirement("POL-02", "REG-13")
@each_brand
async def test_a_brand_names_the_wrong_character_of_a_serial_and_proposes_the_likely_one(
    stack: Stack, watch: Watch, played: Played
) -> None:
    form = await form_of(stack, watch, played)
    status, code, error = refusal(await form.send(serial=played.mistyped))
    assert (status, code, error["pointer"]) == (422, "serial-malformed", "/serial")
    assert (error["value"], error["accepted"]) == (played.mistyped, played.meant)
    differs = next(place for place, one in enumerate(played.mistyped) if one != played.meant[place])
    assert f"“{played.mistyped[differs]}”" in error["message"]
    assert str(differs + 1) in error["message"]
    assert (await form.send(serial=error["accepted"].lower())).status_code == 201


@pytest.mark.requirement("POL-02", "REG-13")
@each_brand
async def test_a_brand_knows_the_length_of_its_serials_and_the_models_of_its_services(
    stack: Stack, watch: Watch, played: Played
) -> None:
    form, rule = await form_of(stack, watch, played), played.policy("registration")["serial"]
    status, code, error = refusal(await form.send(serial=played.unit(1) + "0" * 20))
    assert (status, code, error["pointer"]) == (422, "serial-wrong-length", "/serial")
    assert str(rule["longest"]) in error["message"]
    status, code, error = refusal(await form.send(model=played.uncovered))
    assert (status, code, error["pointer"]) == (422, "model-not-covered", "/model")
    assert error["accepted"] == played.offer["models"]


@pytest.mark.requirement("POL-02", "REG-14", "REG-15")
@each_brand
async def test_an_extension_is_sold_until_the_last_day_of_the_standard_warranty_and_other_services_after_it(
    stack: Stack, watch: Watch, played: Played
) -> None:
    form, today = await form_of(stack, watch, played), played.today(stack.now())
    in_time = first_day_in_time(today, played.warranty_months)
    answer = await form.send(purchased_on=in_time.isoformat())
    assert answer.status_code == 201, answer.text
    assert answer.json()["warranty_ends_on"] == last_day(in_time, played.warranty_months).isoformat()

    too_late = in_time - timedelta(days=1)
    late = await form.send(purchased_on=too_late.isoformat(), serial=played.unit(55_555))
    if not played.extends_warranty:
        assert (late.status_code, late.json()["warranty_ends_on"] < today.isoformat()) == (201, True)
        return
    status, code, error = refusal(late)
    assert (status, code, error["pointer"]) == (409, "standard-warranty-over", "/purchased_on")
    ended_on = last_day(too_late, played.warranty_months)
    assert ended_on < today
    assert [day for day in (ended_on.isoformat(), today.isoformat()) if day not in error["message"]] == []


def first_day_in_time(today: date, months: int) -> date:
    """The earliest day of purchase whose standard warranty is not over today."""
    around = today - relativedelta(months=months)
    days = [around + timedelta(days=step) for step in range(-4, 5)]
    return next(day for day in days if last_day(day, months) >= today)

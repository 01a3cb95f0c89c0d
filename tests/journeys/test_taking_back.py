"""A unit that is taken and given back, and one that is asked for too late (REG-09, REG-15)."""

from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest
from tests.journeys.brands import PLAYED, Played
from tests.journeys.people import Actor, Somebody, end_customer, order_for, server
from tests.journeys.test_brand_rules import first_day_in_time
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch
from chassis.calendar import last_day

TAKEN_BACK: Final = PLAYED[4]
EXTENDED: Final = PLAYED[2]


class Unit:
    """One product of somebody's, and one certificate."""

    def __init__(self, owner: Somebody, played: Played, certificate: str) -> None:
        self.owner, self.played, self.certificate = owner, played, certificate
        self.serial = played.unit(next(UNITS))

    def form(self, bought: date) -> dict[str, Any]:
        """The form filled in for it."""
        unit = {"serial": self.serial, "model": self.played.model, "purchased_on": bought.isoformat()}
        return {"brand": self.played.brand, "certificate": self.certificate, **unit, "customer": self.owner.person}

    async def register(self) -> dict[str, Any]:
        """Bought today."""
        return await self.owner.do("/registrations", self.form(self.played.today(self.owner.stack.now())))

    async def mailed_form(self) -> int:
        """What the link in the buyer's mail answers to anybody."""
        anybody = Actor(self.owner.stack, "")
        return (await anybody.ask(f"/registration-form?certificate={self.certificate}")).status_code

    async def in_states(self, *states: str) -> list[dict[str, Any]]:
        """Its services as activation lists them, newest first, as soon as they are in these states."""
        ops = server(self.owner.stack, "ops")

        async def listed() -> list[dict[str, Any]]:
            items = (await ops.read(f"/activations?serial={self.serial}", "activation"))["items"]
            return items if [item["state"] for item in items] == list(states) else []

        return await until(listed, f"the services of {self.serial}: {states}")

    async def verdict(self) -> str:
        """Who would pay for a repair now, as tickets knows it."""
        asked = await self.owner.stack.get("tickets", "/coverage", brand=self.played.brand, serial=self.serial)
        return str(asked.json()["verdict"])

    async def covered_as(self, verdict: str) -> None:
        """Until tickets says so."""

        async def said() -> bool:
            return await self.verdict() == verdict

        await until(said, f"the verdict {verdict}")


@pytest.mark.requirement("REG-09", "REG-10", "ACT-01", "ACT-07", "TKT-09", "NTF-01", "NTF-03")
async def test_from_a_cancelled_registration_to_another_one_with_the_unit_that_came_back(
    stack: Stack, watch: Watch
) -> None:
    owner = await end_customer(stack, TAKEN_BACK.brand, "Camille Martin", "nl")
    certificate = await owner.mailbox.certificate(await order_for(owner, TAKEN_BACK.reference, 1))
    unit = Unit(owner, TAKEN_BACK, certificate)
    first = await unit.register()
    await unit.covered_as("contract_in_setup")
    assert (first["units_left"], await unit.mailed_form()) == (0, 404)  # a used up number tells nothing more

    path = f"/registrations/{first['redemption_id']}/cancellation"
    back = await owner.do(path, {"reason": "Verkeerde laptop"})
    assert (back["units_left"], await unit.mailed_form()) == (1, 200)
    assert (await owner.send(path, {})).json()["code"] == "registration-cancelled"
    cancelled = (await watch.event("registration.cancelled.v1", serial=unit.serial)).data
    assert (cancelled["redemption_id"], cancelled["reason"]) == (first["redemption_id"], "customer_request")
    await unit.in_states("cancelled")
    await unit.covered_as("standard_warranty")

    second = await unit.register()
    assert second["redemption_id"] != first["redemption_id"]
    new, old = await unit.in_states("in_setup", "cancelled")
    await stack.advance(datetime.fromisoformat(new["operational_at"]) - stack.now() + timedelta(seconds=1))
    await watch.event("service.operational.v1", serial=unit.serial, activation_id=new["activation_id"])
    await unit.covered_as("contract")
    assert watch.heard("service.operational.v1", activation_id=old["activation_id"]) == []
    ledger = await server(stack, "gateway").read(f"/certificates/{first['certificate_id']}/ledger")
    assert [entry["change"] for entry in ledger["entries"]] == [-1, 1, -1]
    assert ledger["units_left"] == 0
    mail = await owner.mailbox.mail(f"is niet langer geregistreerd voor {unit.serial}")
    assert "Verkeerde laptop" not in mail["text"]
    assert await owner.mailbox.languages() == {"nl"}


@pytest.mark.requirement("REG-09", "REG-14", "REG-15")
async def test_the_form_of_the_last_day_of_the_warranty_is_refused_the_day_after(stack: Stack, watch: Watch) -> None:
    owner = await end_customer(stack, EXTENDED.brand, "Hugo Maes", "fr")
    certificate = await owner.mailbox.certificate(await order_for(owner, EXTENDED.reference, 2))
    in_time, late = (Unit(owner, EXTENDED, certificate) for _ in range(2))
    today = EXTENDED.today(stack.now())
    bought = first_day_in_time(today, EXTENDED.warranty_months)
    ended_on = last_day(bought, EXTENDED.warranty_months)
    registered = await owner.do("/registrations", in_time.form(bought))
    assert (registered["warranty_ends_on"], registered["units_left"]) == (ended_on.isoformat(), 1)

    await stack.advance(ended_on - today + timedelta(days=1))
    refused = await owner.send("/registrations", late.form(bought))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "standard-warranty-over")
    today = EXTENDED.today(stack.now())
    assert problem["details"] == {"warranty_ended_on": ended_on.isoformat(), "today": today.isoformat()}

    bought_later = await owner.do("/registrations", late.form(today))  # the unit was not taken by what was refused
    assert bought_later["units_left"] == 0
    await late.in_states("in_setup")
    said = [one.data["purchased_on"] for one in watch.heard("product.registered.v1", serial=late.serial)]
    assert said == [today.isoformat()]

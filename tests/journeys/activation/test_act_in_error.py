"""A service that was activated in error never counted, and everybody hears of it (ACT-14)."""

from typing import Final

import pytest
from tests.journeys.activation.activating import activating
from tests.journeys.activation.agreeing import YEARS_AGO
from tests.journeys.brands import PLAYED, Played
from tests.journeys.people import end_customer, order_for
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

EXTENDED: Final = PLAYED[0]
PLAIN: Final = PLAYED[1]


@pytest.mark.requirement("ACT-14", "ACT-09", "REG-09", "TKT-09", "NTF-01")
@pytest.mark.parametrize(("played", "after"), [(EXTENDED, "standard_warranty"), (PLAIN, "billable")])
async def test_an_activation_in_error_gives_the_unit_back_and_the_open_repair_another_verdict(
    stack: Stack, watch: Watch, played: Played, after: str
) -> None:
    old = None if after == "standard_warranty" else YEARS_AGO
    journey = await activating(stack, watch, played).home(old)
    activated = await journey.activate()
    await journey.covered_as("contract_in_setup")
    ticket = await journey.ask_repair()
    assert ticket["verdict"] == "contract_in_setup"

    path = f"/activations/{activated['activation_id']}/cancellation"
    assert (await journey.do(path, {}))["state"] == "cancelled"
    fact = (await watch.event("activation.cancelled.v1", activation_id=activated["activation_id"])).data
    assert fact["redemption_id"] == activated["redemption_id"]
    back = (await watch.event("registration.cancelled.v1", redemption_id=activated["redemption_id"])).data
    assert back["reason"] == "activation_cancelled"
    revised = (await watch.event("coverage.revised.v1", ticket_id=ticket["ticket_id"])).data
    assert (revised["previous_verdict"], revised["verdict"]) == ("contract_in_setup", after)
    assert (await journey.coverage())["verdict"] == after
    ended = (await watch.event("contract.terminated.v1", contract_id=activated["contract_id"])).data
    assert (ended["reason"], ended["by"]) == ("no_lines", None)
    await kinds_sent(watch, journey.product["customer_id"], "coverage-revised")
    assert await journey.ledger() == [-1, 1]

    twice = await journey.send(path, {})
    assert (twice.status_code, twice.json()["code"]) == (409, "activation-cancelled")
    assert await journey.ledger() == [-1, 1]
    assert len(watch.heard("activation.cancelled.v1", activation_id=activated["activation_id"])) == 1
    await journey.mailed("activation-cancelled")


@pytest.mark.requirement("ACT-14", "ALL-06")
async def test_a_customer_cancels_their_own_activation_during_its_set_up_and_staff_afterwards(
    stack: Stack, watch: Watch
) -> None:
    nora = await end_customer(stack, PLAIN.brand, "Nora Claes", "nl")
    hugo = await end_customer(stack, PLAIN.brand, "Hugo Maes", "fr")
    journey = activating(stack, watch, PLAIN)
    code = await nora.mailbox.certificate(await order_for(nora, PLAIN.reference, 1))
    form = {"brand": PLAIN.brand, "certificate": code, "serial": journey.serial, "model": PLAIN.model}
    await nora.do("/registrations", {**form, "purchased_on": journey.day().isoformat(), "customer": nora.person})
    activated = (await watch.event("service.activated.v1", serial=journey.serial)).data
    await journey.operational(activated)

    path = f"/activations/{activated['activation_id']}/cancellation"
    assert await own(stack, hugo.token, path) == (404, "not-found")
    assert await own(stack, nora.token, path) == (409, "activation-set-up")
    assert (await journey.do(path, {}))["state"] == "cancelled"
    back = (await watch.event("registration.cancelled.v1", serial=journey.serial)).data
    assert back["redemption_id"] == activated["redemption_id"]


async def own(stack: Stack, token: str, path: str) -> tuple[int, str]:
    answer = await stack.post("activation", path, {}, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json().get("code", "")

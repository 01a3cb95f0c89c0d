"""Services and contracts when their product changes hands or country (ACT-05, ACT-09, REG-17, REG-18)."""

from datetime import date, timedelta
from typing import Final
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.activation.activating import Activating, Body, activating, private
from tests.journeys.brands import PLAYED, Played
from tests.journeys.test_transfers_and_moves import buyer_of, kinds_sent, sell
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

FOLLOWS: Final = PLAYED[0]
ENDS: Final = PLAYED[1]
A_WEEK: Final = relativedelta(days=7)


async def with_service(stack: Stack, watch: Watch, played: Played) -> tuple[Activating, Body]:
    """A product with an operational service by code, at its site."""
    journey = await activating(stack, watch, played).home(A_WEEK)
    activated = await journey.activate()
    await journey.operational(activated)
    return journey, activated


@pytest.mark.requirement("REG-17", "ACT-09", "TKT-09", "NTF-01")
async def test_a_service_that_follows_its_product_is_under_a_contract_of_the_new_customer(
    stack: Stack, watch: Watch
) -> None:
    journey, activated = await with_service(stack, watch, FOLLOWS)
    buyer = buyer_of(journey)
    private(buyer["name"], buyer["email"])
    transfer = await sell(journey, buyer)
    customer = transfer["to_customer_id"]

    async def handed_over() -> list[Body]:
        found = await journey.read("/contracts", serial=journey.serial, customer_id=customer)
        return list(found["items"])

    [contract] = await until(handed_over, "the contract of the new customer")
    assert (contract["ends_on"], contract["state"]) == (activated["ends_on"], "active")
    assert contract["number"] != activated["contract_number"]
    opened = (await watch.event("contract.opened.v1", contract_id=contract["contract_id"])).data
    assert [(one["serial"], one["activation_id"]) for one in opened["lines"]] == [
        (journey.serial, activated["activation_id"])
    ]
    former = (await watch.event("contract.terminated.v1", contract_id=activated["contract_id"])).data
    assert (former["reason"], former["customer_id"]) == ("no_lines", activated["customer_id"])
    [service] = (await journey.read("/activations", serial=journey.serial, state="operational"))["items"]
    assert (service["customer_id"], service["contract_number"]) == (customer, contract["number"])
    assert watch.heard("service.ended.v1", serial=journey.serial) == []
    await journey.covered_as("contract", covered_until=activated["ends_on"])
    await kinds_sent(watch, customer, "product-received")


@pytest.mark.requirement("REG-17", "ACT-09", "ACT-12", "TKT-09", "NTF-01")
async def test_a_service_that_ends_with_its_product_leaves_its_contract_and_its_licence(
    stack: Stack, watch: Watch
) -> None:
    journey, activated = await with_service(stack, watch, ENDS)
    buyer = buyer_of(journey)
    private(buyer["name"], buyer["email"])
    transfer = await sell(journey, buyer)
    ended = (await watch.event("service.ended.v1", activation_id=activated["activation_id"])).data
    assert (ended["ended_on"], ended["reason"]) == (transfer["last_billable_on"], "transfer")
    former = (await watch.event("contract.terminated.v1", contract_id=activated["contract_id"])).data
    assert (former["reason"], former["last_billable_on"]) == ("no_lines", transfer["last_billable_on"])
    found = await journey.read("/contracts", serial=journey.serial, customer_id=transfer["to_customer_id"])
    assert found["items"] == []
    licences = (await journey.read("/licences", serial=journey.serial))["items"]
    assert [one["maintained_until"] for one in licences] == [transfer["last_billable_on"]]
    await journey.covered_as("contract", covered_until=transfer["last_billable_on"])
    await kinds_sent(watch, activated["customer_id"], "service-ended")
    await journey.on(date.fromisoformat(transfer["last_billable_on"]) + timedelta(days=1))
    await journey.covered_as("standard_warranty")


async def moved(journey: Activating) -> Body:
    """The product goes to Switzerland."""
    street = f"Bahnhofstrasse {uuid4().int % 9999}"
    private(street)
    where = {"from_country": "FR", "to_country": "CH"}
    address = {"street": street, "postal_code": "8001", "city": "Zürich"}
    body = {"serial": journey.serial, "planned_on": journey.day().isoformat(), "reason": "We move."}
    move = await journey.post("registration", "/moves", {**body, **where, "new_address": address})
    words: dict[str, str] = {}
    for step in ("assignment", "approval", "execution"):
        answer = await journey.do(f"/moves/{move['move_id']}/{step}", words, "registration")
        words = {"executed_on": answer["approved_on"]} if answer["approved_on"] else {}
    return dict((await journey.watch.event("move.executed.v1", move_id=move["move_id"])).data)


@pytest.mark.requirement("REG-18", "ACT-05")
async def test_a_service_whose_product_moves_abroad_has_no_site_until_one_is_assigned(
    stack: Stack, watch: Watch
) -> None:
    journey, activated = await with_service(stack, watch, FOLLOWS)
    await moved(journey)
    cleared = (await watch.event("site.assigned.v1", activation_id=activated["activation_id"])).data
    assert cleared["site_number"] is None
    assert watch.heard("service.ended.v1", serial=journey.serial) == []
    path = f"/activations/{activated['activation_id']}"
    assert (await journey.read(path))["site_number"] is None
    old = {"site_number": activated["site_number"], "product_address": {**journey.item("", "")["product_address"]}}
    refused = await journey.send(f"{path}/site", old)
    assert (refused.status_code, refused.json()["code"]) == (409, "address-differs")


@pytest.mark.requirement("REG-18", "ACT-04", "NTF-01")
async def test_a_service_that_is_not_given_in_the_new_country_ends_on_the_day_of_the_move(
    stack: Stack, watch: Watch
) -> None:
    journey = await activating(stack, watch, FOLLOWS).home(A_WEEK)
    reference = f"FR-ONLY-{uuid4().hex[:8].upper()}"
    offer = {
        "reference": reference,
        "name": {"en": "At home in France", "fr": "Chez vous en France", "nl": "Bij u in Frankrijk"},
        "duration_months": 12,
        "response_level": "on-site-next-business-day",
        "models": ["PT*"],
        "terms_version": "2026-11",
        "countries": ["FR"],
    }
    await journey.do("/offers", {"brand": FOLLOWS.brand, **offer})
    await watch.event("offer.published.v1", reference=reference)
    await sold(journey, reference)
    code = await journey.code(1, reference)
    activated = await journey.activate(code=code, service_reference=reference, terms_version="2026-11")
    await journey.operational(activated)
    executed = await moved(journey)
    ended = (await watch.event("service.ended.v1", activation_id=activated["activation_id"])).data
    assert (ended["reason"], ended["ended_on"]) == ("move", executed["executed_on"])
    await kinds_sent(watch, activated["customer_id"], "service-ended", "move-executed")
    shown = await journey.read(f"/products/{journey.product['product_id']}")
    assert shown["country"] == "CH"


async def sold(journey: Activating, reference: str) -> None:
    """Until registration sells the new offer."""

    async def listed() -> bool:
        view = await journey.read(f"/brands/{journey.played.brand}", "registration")
        return reference in [one["reference"] for one in view["services"]]

    await until(listed, f"registration sells {reference}")

"""A product changes hands or country: what runs on it, who pays for its repair, and whom the mails reach."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from dateutil.relativedelta import relativedelta
from tests.journeys.brands import PLAYED, Played
from tests.journeys.journey import Journey
from tests.journeys.test_order_to_credit import covered, journey_of
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

FOLLOWS = PLAYED[0]
ENDS = PLAYED[3]
A_MONTH = relativedelta(months=1)
"""Ago: today here may be tomorrow where the brand lives."""


async def running_service(stack: Stack, watch: Watch, played: Played) -> tuple[Journey, dict[str, Any]]:
    """A registered unit with its operational service."""
    journey = journey_of(stack, watch, played)
    registered = await journey.register(await journey.order(1), A_MONTH)
    activated = await watch.event("service.activated.v1", serial=journey.serial)
    await until(lambda: covered(stack, journey), "tickets hears of the service")
    await stack.advance(datetime.fromisoformat(activated.data["operational_at"]) - stack.now() + timedelta(seconds=1))
    await watch.event("service.operational.v1", serial=journey.serial)
    return journey, registered


def buyer_of(journey: Journey) -> dict[str, str]:
    return {"name": "Zoë Lambert", "email": f"zoe-{uuid4().hex[:10]}@example.org", "language": journey.played.language}


async def sell(journey: Journey, buyer: dict[str, str], in_days: int = 0) -> dict[str, Any]:
    """Report the sale of the unit by its label."""
    day = journey.day() + timedelta(days=in_days)
    body = {"serial": journey.serial, "kind": "sale", "transferred_on": day.isoformat(), "reason": "Sold."}
    return await journey.post("registration", "/transfers", {**body, "new_customer": buyer})


async def verdict(stack: Stack, journey: Journey) -> dict[str, Any]:
    asked = await stack.get("tickets", "/coverage", brand=journey.played.brand, serial=journey.serial)
    return dict(asked.json())


async def kinds_sent(watch: Watch, contact_id: str, *expected: str) -> None:
    """Until each of these mails was sent to the person; each was, once."""

    async def sent() -> list[str]:
        kinds = [one.data["kind"] for one in watch.heard("notification.sent.v1", contact_id=contact_id)]
        return kinds if set(expected) <= set(kinds) else []

    kinds = await until(sent, f"the mails {expected} to {contact_id}")
    assert [kinds.count(kind) for kind in expected] == [1] * len(expected)


@pytest.mark.requirement("REG-17", "TKT-09", "NTF-01")
async def test_a_service_follows_its_product_to_the_new_customer_on_the_day_of_the_sale(
    stack: Stack, watch: Watch
) -> None:
    journey, registered = await running_service(stack, watch, FOLLOWS)
    transfer = await sell(journey, buyer_of(journey), in_days=3)
    assert transfer["state"] == "pending"
    assert watch.heard("product.transferred.v1", serial=journey.serial) == []
    await stack.advance(timedelta(days=3, seconds=1))
    transferred = (await watch.event("product.transferred.v1", serial=journey.serial)).data
    assert transferred["redemption_ids"] == [registered["redemption_id"]]

    async def asked_by_the_buyer() -> bool:
        ticket = await journey.ask_repair()
        requested = await watch.event("repair.requested.v1", ticket_id=ticket["ticket_id"])
        return bool(requested.data["customer_id"] == transfer["to_customer_id"] and ticket["verdict"] == "contract")

    await until(asked_by_the_buyer, "tickets hears whose the unit is")
    assert watch.heard("service.ended.v1", serial=journey.serial) == []
    await kinds_sent(watch, registered["customer_id"], "product-handed-over")
    await kinds_sent(watch, transfer["to_customer_id"], "product-received")


@pytest.mark.requirement("REG-17", "TKT-09", "NTF-01")
async def test_a_service_that_ends_with_a_sale_covers_to_the_last_billable_day_and_not_after(
    stack: Stack, watch: Watch
) -> None:
    journey, registered = await running_service(stack, watch, ENDS)
    transfer = await sell(journey, buyer_of(journey), in_days=-1)
    assert transfer["state"] == "transferred"
    ended = (await watch.event("service.ended.v1", serial=journey.serial)).data
    assert ended["ended_on"] == transfer["last_billable_on"] > transfer["transferred_on"]

    async def learnt() -> bool:
        return bool((await verdict(stack, journey))["covered_until"] == transfer["last_billable_on"])

    await until(learnt, "tickets hears of the end")
    assert (await verdict(stack, journey))["verdict"] == "contract"
    listed = (await stack.get("activation", "/activations", serial=journey.serial)).json()["items"]
    assert [(item["state"], item["ended_on"]) for item in listed] == [("ended", transfer["last_billable_on"])]
    await stack.advance(timedelta(days=33))
    assert (await verdict(stack, journey))["verdict"] == "standard_warranty"
    await kinds_sent(watch, registered["customer_id"], "service-ended")


@pytest.mark.requirement("REG-18", "NTF-01")
async def test_a_move_is_mailed_on_assignment_answer_and_execution(stack: Stack, watch: Watch) -> None:
    journey = journey_of(stack, watch, ENDS)
    registered = await journey.register(await journey.order(1), A_MONTH)
    address = {"street": "Bahnhofstrasse 1", "postal_code": "8001", "city": "Zürich"}
    where = {"from_country": "BE", "to_country": "CH", "new_address": address}
    body = {"serial": journey.serial, "planned_on": journey.day().isoformat(), "reason": "We move.", **where}
    move = await journey.post("registration", "/moves", body)
    words: dict[str, str] = {}
    for step in ("assignment", "approval", "execution"):
        answer = await stack.post("registration", f"/moves/{move['move_id']}/{step}", words)
        assert answer.status_code == 200, answer.text
        approved_on = answer.json()["approved_on"]
        words = {"executed_on": approved_on} if approved_on else {}
    executed = (await watch.event("move.executed.v1", move_id=move["move_id"])).data
    assert (executed["from_country"], executed["to_country"]) == ("BE", "CH")
    await kinds_sent(watch, registered["customer_id"], "move-assigned", "move-approved", "move-executed")

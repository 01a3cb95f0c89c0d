"""A customer contests that their product is not covered, and proves it (ACT-13, I08)."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

import pytest
from tests.journeys.activation.activating import Activating, activating, private
from tests.journeys.activation.agreeing import YEARS_AGO
from tests.journeys.brands import PLAYED
from tests.journeys.people import PDF
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

BRAND: Final = PLAYED[3]
STATEMENT: Final = "Le contrat signé par Mme Claes nomme ce numéro."
REASON: Final = "The paper contract of Mrs Claes names the serial number; our list had it wrong."


async def contested(journey: Activating, watch: Watch, ticket_id: str) -> str:
    """A dispute about a ticket with a document, once and not twice; returns its id."""
    document = await kept(journey, "contract.pdf")
    said = {"statement": STATEMENT, "documents": [document], "ticket_id": ticket_id}
    product = {"brand": BRAND.brand, "serial": journey.serial}
    dispute_id = str((await journey.do("/disputes", {"product": product, **said}))["dispute_id"])
    assert (await watch.event("dispute.opened.v1", dispute_id=dispute_id)).data["ticket_id"] == ticket_id
    twice = await journey.send("/disputes", {"product": product, "statement": "Nochmals."})
    assert (twice.status_code, twice.json()["code"]) == (409, "dispute-open")
    shown = await journey.read(f"/disputes/{dispute_id}")
    assert [(one["statement"], one["documents"]) for one in shown["evidence"]] == [(STATEMENT, [document])]
    assert shown["known"]["warranty_ends_on"] < journey.day().isoformat()
    return dispute_id


async def kept(journey: Activating, name: str) -> str:
    """Upload a document to activation; returns its id."""
    headers = {"Authorization": f"Bearer {journey.stack.token}", "Idempotency-Key": str(uuid4())}
    url = f"{journey.stack.url('activation')}/documents?name={name}"
    answer = await journey.stack.client.post(url, content=PDF, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document_id"])


@pytest.mark.requirement("ACT-13", "TKT-09", "NTF-01")
@pytest.mark.parametrize("decision", ["covered", "not_covered"])
async def test_a_billable_repair_is_contested_with_a_document_and_decided_by_staff(
    stack: Stack, watch: Watch, decision: str
) -> None:
    private(STATEMENT, REASON)
    journey = await activating(stack, watch, BRAND).home(YEARS_AGO)
    await journey.covered_as("billable")
    ticket = await journey.ask_repair()
    assert ticket["verdict"] == "billable"

    dispute_id = await contested(journey, watch, ticket["ticket_id"])
    path = f"/disputes/{dispute_id}"

    today = journey.day()
    days = {"covered_from": today.isoformat(), "covered_until": (today + timedelta(days=60)).isoformat()}
    cover = days if decision == "covered" else {}
    decided = await journey.do(f"{path}/decision", {"decision": decision, "reason": REASON, **cover})
    assert decided["state"] == "decided"
    fact = (await watch.event("dispute.decided.v1", dispute_id=dispute_id)).data
    assert (fact["decision"], fact["covered_until"]) == (decision, cover.get("covered_until"))
    kind = "dispute-covered" if decision == "covered" else "dispute-not-covered"
    await kinds_sent(watch, journey.product["customer_id"], "dispute-opened", kind)
    mail = await journey.mail("Decision", REASON)
    assert journey.serial in mail["subject"]
    again = await journey.send(f"{path}/decision", {"decision": decision, "reason": REASON, **cover})
    assert (again.status_code, again.json()["code"]) == (409, f"dispute-decided-{decision.replace('_', '-')}")

    if decision == "covered":
        revised = (await watch.event("coverage.revised.v1", ticket_id=ticket["ticket_id"])).data
        assert (revised["previous_verdict"], revised["verdict"]) == ("billable", "standard_warranty")
        assert (await journey.read(f"/tickets/{ticket['ticket_id']}", "tickets"))["verdict"] == "standard_warranty"
    else:
        assert (await journey.coverage())["verdict"] == "billable"
        assert watch.heard("coverage.revised.v1", ticket_id=ticket["ticket_id"]) == []

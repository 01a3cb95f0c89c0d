"""Two customers, one product: from a second claim to a decision that every service has heard of (REG-16)."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final, Self

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.people import PDF, Actor, Somebody, end_customer, order_for, server
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

CONTESTED: Final = PLAYED[2]
REASON: Final = "De factuur van mevrouw Claes noemt het serienummer."


@dataclass
class Quarrel:
    """Hugo has registered a product; Nora claims it."""

    stack: Stack
    watch: Watch
    hugo: Somebody
    nora: Somebody
    serial: str

    @classmethod
    async def begin(cls, stack: Stack, watch: Watch) -> Self:
        people = [("Hugo Maes", "fr"), ("Nora Claes", "nl")]
        hugo, nora = await asyncio.gather(*(end_customer(stack, CONTESTED.brand, *who) for who in people))
        return cls(stack, watch, hugo, nora, CONTESTED.unit(next(UNITS)))

    async def claim(self, who: Somebody, proof: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
        """Order a certificate and fill in the form for oneself; status and answer."""
        certificate = await who.mailbox.certificate(await order_for(who, CONTESTED.reference))
        unit = {
            "serial": self.serial,
            "model": CONTESTED.model,
            "purchased_on": CONTESTED.today(self.stack.now()).isoformat(),
        }
        body = {"brand": CONTESTED.brand, "certificate": certificate, **unit, "customer": who.person}
        answer = await who.send("/registrations", {**body, "proof_of_purchase": proof})
        return answer.status_code, {**answer.json(), "certificate": certificate}

    async def services(self, *states: str) -> list[dict[str, Any]]:
        """What activation lists of the product, newest first, as soon as it is in these states."""

        async def listed() -> list[dict[str, Any]]:
            items = (await server(self.stack, "ops").read(f"/activations?serial={self.serial}", "activation"))["items"]
            return items if [item["state"] for item in items] == list(states) else []

        return await until(listed, f"the services of {self.serial}: {states}")

    async def units_left(self, certificate: str) -> int:
        """As the form behind the link in the buyer's mail says."""
        shown = await Actor(self.stack, "").read(f"/registration-form?certificate={certificate}")
        return int(shown["units_left"])


async def whose_repair(quarrel: Quarrel) -> str:
    """To which customer tickets says that a repair of the product belongs; to none as long as it knows no product."""
    body = {"brand": CONTESTED.brand, "serial": quarrel.serial, "complaint": "It does not turn."}
    opened = await quarrel.stack.post("tickets", "/repair-requests", body)
    if opened.json().get("code") == "contact-needed":
        return ""
    assert opened.status_code == 201, opened.text
    requested = await quarrel.watch.event("repair.requested.v1", ticket_id=opened.json()["ticket_id"])
    return str(requested.data["customer_id"])


async def both_show_what_they_have(quarrel: Quarrel, contest: str, invoice: str) -> None:
    """Each side brings evidence, sees its own only, and staff see all of it and open the files."""
    receipt = await quarrel.hugo.keep("receipt.pdf", PDF + b" of Hugo")
    path, words = f"/contests/{contest}", {"statement": "I bought it new."}
    for who, documents in ((quarrel.hugo, [receipt]), (quarrel.nora, [])):
        await who.do(f"{path}/evidence", {**words, "documents": documents})
    shown = [(await who.read(path))["evidence"] for who in (quarrel.hugo, quarrel.nora)]
    assert [[one["party"] for one in evidence] for evidence in shown] == [["holder"], ["claimant"] * 2]
    assert (await quarrel.hugo.ask(f"/documents/{invoice}")).status_code == 404
    staff = server(quarrel.stack, "staff")
    evidence = (await staff.read(path))["evidence"]
    assert sorted(document for one in evidence for document in one["documents"]) == sorted([invoice, receipt])
    assert (await staff.ask(f"/documents/{receipt}")).content == PDF + b" of Hugo"


@pytest.mark.requirement("REG-09", "REG-16", "ACT-01", "TKT-09", "NTF-01", "NTF-03")
async def test_from_a_second_claim_with_its_proof_to_the_new_customers_service(stack: Stack, watch: Watch) -> None:
    quarrel = await Quarrel.begin(stack, watch)
    hugo, nora = quarrel.hugo, quarrel.nora
    status, held = await quarrel.claim(hugo)
    assert (status, held["customer_id"]) == (201, hugo.claims["contact"])
    await quarrel.services("in_setup")
    invoice = await nora.keep("invoice.pdf")
    status, contest = await quarrel.claim(nora, (invoice,))
    assert (status, contest["parties"], contest["holder_id"]) == (202, ["claimant"], None)
    contested = (await watch.event("registration.contested.v1", serial=quarrel.serial)).data
    assert [contested[side] for side in ("holder_id", "claimant_id")] == [one.claims["contact"] for one in (hugo, nora)]
    await hugo.mailbox.mail(f"Un autre client revendique votre produit {quarrel.serial}")
    await nora.mailbox.mail(f"Het product {quarrel.serial} is voor een andere klant geregistreerd")
    await both_show_what_they_have(quarrel, contest["contest_id"], invoice)
    assert await until(lambda: whose_repair(quarrel), "whose the unit is") == hugo.claims["contact"]

    settled = {"decision": "claimant_gets", "reason": REASON}
    assert (await nora.send(f"/contests/{contest['contest_id']}/decision", settled)).status_code == 403
    await server(stack, "staff").do(f"/contests/{contest['contest_id']}/decision", settled)
    assert (await watch.event("contest.settled.v1", serial=quarrel.serial)).data["decision"] == "claimant_gets"
    new, old = await quarrel.services("in_setup", "cancelled")
    assert new["activation_id"] != old["activation_id"]
    left = [await quarrel.units_left(certificate) for certificate in (held["certificate"], contest["certificate"])]
    assert left == [2, 1]

    async def tickets_knows() -> bool:
        return bool(await whose_repair(quarrel) == nora.claims["contact"])

    await until(tickets_knows, "tickets hears of the new customer", every=0.3)
    await both_read_the_decision(quarrel)


async def both_read_the_decision(quarrel: Quarrel) -> None:
    """The reason as staff wrote it, and what it means for each, in their language."""
    lost = await quarrel.hugo.mailbox.mail(f"le produit {quarrel.serial} n’est pas enregistré à votre nom")
    won = await quarrel.nora.mailbox.mail(f"het product {quarrel.serial} is voor u geregistreerd")
    assert [REASON in mail["text"] for mail in (lost, won)] == [True, True]
    await quarrel.hugo.mailbox.mail(f"n’est plus enregistré pour {quarrel.serial}")
    await quarrel.nora.mailbox.mail(f"is geactiveerd voor {quarrel.serial}")
    assert [await one.mailbox.languages() for one in (quarrel.hugo, quarrel.nora)] == [{"fr"}, {"nl"}]

"""The main job, end to end: order, certificate, redemption, activation, two days, repair, return, credit, mails.

Everything goes through HTTP commands and topics; the repair centre and the logistics system are programs outside.
"""

import asyncio
import re
import secrets
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from aftercare_local import clock
from aftercare_local.catalogue import await_catalogue
from aftercare_local.demo.gateway import Gateway
from aftercare_local.demo.stage import outside, read_order
from aftercare_local.demo.told import Teller
from aftercare_local.demo.watch import Watch
from aftercare_local.home import Home
from aftercare_local.plan import partners
from aftercare_local.settings import LocalSettings
from aftercare_local.tokens import issue
from aftercare_local.trouble import Trouble
from event_schemas.topics import load_topics

MODEL: Final = "PT5B1E-0K601"
OWNER: Final = {"name": "Jeanne Martin", "email": "jeanne.martin@cabinet-martin.example", "language": "fr"}
PRICE: Final = {"amount": "450.00", "currency": "EUR"}
UNIT_AGE: Final = relativedelta(months=10)
CATALOGUE_SECONDS: Final = 60.0


@dataclass
class Story:
    """What the steps hand on to each other."""

    home: Home
    gateway: Gateway
    watch: Watch
    teller: Teller
    logistics: Process
    order: dict[str, Any]
    serial: str = field(default_factory=lambda: f"9H{secrets.randbelow(10**7):07d}X")
    certificate: str = ""
    ticket: str = ""

    @property
    def brand(self) -> str:
        return str(self.order["brand"])

    def now(self) -> datetime:
        return clock.now(self.home)

    def bought_on(self) -> str:
        return (self.now().date() - UNIT_AGE).isoformat()


async def play(home: Home, settings: LocalSettings) -> float:
    """Play the whole job on a running stack; returns its seconds. Raises Trouble at the first step that fails."""
    teller = Teller()
    gateway = Gateway(settings, issue(home, "staff"), teller)
    order, topics = read_order(), [topic.topic for topic in load_topics()]
    try:
        asked = settings.port_of("registration"), CATALOGUE_SECONDS, order["service_reference"]
        await asyncio.to_thread(await_catalogue, *asked)
        async with Watch(settings.bootstrap, topics) as watch, outside(partners(home, settings)) as logistics:
            story = Story(home, gateway, watch, teller, logistics, order)
            for step in (confirm_order, redeem, ask_too_early, let_two_days_pass, give_up_repair, return_unit, credit):
                await step(story)
        return teller.done()
    finally:
        await gateway.close()


async def confirm_order(story: Story) -> None:
    order, gateway = story.order, story.gateway
    story.teller.step(f"An order of {order['quantity']} × {order['service_reference']} is confirmed")
    said = await gateway.post("registration", "/orders", order, "order_id", "quantity", "service_name")
    story.teller.event(
        await story.watch.event("order.confirmed.v1", order_id=said["order_id"]), "case_number", "quantity"
    )
    mail = await gateway.mail(order["buyer"]["email"], order["case_number"])
    link = re.search(r"(/registration-form\?certificate=([A-Z0-9]+))", mail["text"])
    if link is None:
        raise Trouble(
            "The mail to the buyer has no link to the pre-filled registration; `aftercare logs notifications`."
        )
    story.certificate = link.group(2)
    await gateway.get("registration", link.group(1), "certificate", "service_name", "units_left")


async def redeem(story: Story) -> None:
    story.teller.step(f"One unit is redeemed for serial number {story.serial}")
    body = {
        "brand": story.brand,
        "certificate": story.certificate,
        "serial": story.serial,
        "model": MODEL,
        "purchased_on": story.bought_on(),
        "customer": OWNER,
    }
    await story.gateway.post("registration", "/registrations", body, "product_id", "warranty_ends_on", "units_left")
    for kind, shown in (
        ("product.registered.v1", "warranty_ends_on"),
        ("certificate.redeemed.v1", "service_reference"),
    ):
        story.teller.event(await story.watch.event(kind, serial=story.serial), "serial", shown)
    story.teller.event(
        await story.watch.event("service.activated.v1", serial=story.serial), "operational_at", "ends_on"
    )
    await story.gateway.mail(OWNER["email"], story.serial)
    await story.gateway.mail(OWNER["email"], story.serial)
    await hear_logistics(story)


async def ask_too_early(story: Story) -> None:
    story.teller.step("It breaks before the set-up is over")
    body = {"brand": story.brand, "serial": story.serial, "complaint": "L'écran reste noir au démarrage."}
    said = await story.gateway.post("tickets", "/repair-requests", body, "ticket_id", "verdict", "operational_at")
    story.ticket = said["ticket_id"]
    await story.watch.event("repair.requested.v1", ticket_id=story.ticket)
    story.teller.event(await story.watch.event("repair.requested.v1", ticket_id=story.ticket), "serial")
    decided = await story.watch.event("coverage.decided.v1", ticket_id=story.ticket)
    story.teller.event(decided, "verdict", "operational_at")
    await story.gateway.mail(OWNER["email"], story.serial)


async def let_two_days_pass(story: Story) -> None:
    story.teller.step("Two days pass (the stack's clock is moved, nothing else)")
    clock.advance(story.home, "2d")
    clock.advance(story.home, "1h")  # two days of the calendar have 49 hours when the clocks go back
    story.teller.event(await story.watch.event("service.operational.v1", serial=story.serial), "operational_at")
    story.teller.event(
        await story.watch.event("coverage.revised.v1", ticket_id=story.ticket), "previous_verdict", "verdict"
    )
    await hear_logistics(story)
    await story.gateway.mail(OWNER["email"], story.serial)
    await story.gateway.mail(OWNER["email"], story.serial)


async def give_up_repair(story: Story) -> None:
    story.teller.step("The repair centre has it and cannot mend it", goes_on=True)
    for kind in ("unit.received.v1", "received.by.service.centre.v1", "repair.reported.v1"):
        story.teller.event(await story.watch.event(kind, ticket_id=story.ticket))
    story.teller.event(await story.watch.event("repair.finished.v1", ticket_id=story.ticket), "outcome")
    await story.gateway.mail(OWNER["email"], story.serial)
    await story.gateway.mail(OWNER["email"], story.serial)


async def return_unit(story: Story) -> None:
    story.teller.step("A return is requested and assessed")
    body = {
        "brand": story.brand,
        "serial": story.serial,
        "repair_ticket_id": story.ticket,
        "defect": "Écran noir, non réparable selon le centre.",
    }
    invoice = {
        "brand": story.brand,
        "invoice_number": f"F-{story.serial}",
        "serial": story.serial,
        "invoiced_on": story.bought_on(),
        "price": PRICE,
    }
    await story.gateway.post("credits", "/invoices", invoice, "invoice_id")
    said = await story.gateway.post("tickets", "/return-requests", body, "ticket_id", "return_status")
    story.ticket = said["ticket_id"]
    for kind in ("return.requested.v1", "return.assessed.v1", "return.accepted.v1"):
        shown = ("grms_number",) if kind != "return.requested.v1" else ("serial",)
        story.teller.event(await story.watch.event(kind, ticket_id=story.ticket), *shown)
    await story.gateway.mail(OWNER["email"], story.serial)
    await story.gateway.mail(OWNER["email"], story.serial)


async def credit(story: Story) -> None:
    story.teller.step("The credit is issued, with its arithmetic", goes_on=True)
    story.teller.event(await story.watch.event("credit.requested.v1", ticket_id=story.ticket), "grms_number")
    issued = await story.watch.event("credit.issued.v1", ticket_id=story.ticket)
    story.teller.event(issued, "base", "depreciation_percent", "amount")
    path = f"/credits?grms_number={issued.data['grms_number']}"
    found = (await story.gateway.get("credits", path))["items"][0]
    story.teller.note(
        f"{found['base']['amount']} × (100 − {found['depreciation_percent']}) / 100 = {found['amount']['amount']}"
    )
    await story.gateway.mail(OWNER["email"], issued.data["grms_number"])


async def hear_logistics(story: Story) -> None:
    """The line that the logistics system prints about this unit."""
    assert story.logistics.stdout
    async with asyncio.timeout(30):
        while line := (await story.logistics.stdout.readline()).decode().strip():
            if story.serial in line:
                story.teller.heard_outside("logistics", line)
                return
    raise Trouble("The logistics program ended before it heard of the unit; is port 19094 answering?")

"""The steps of the main job as a gateway takes them; tests put them together."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from dateutil.relativedelta import relativedelta
from tests.journeys.brands import Played
from tests.journeys.mailbox import Mailbox
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch


@dataclass
class Journey:
    """One order and one unit on their way; addresses are the journey's own, so that its mails can be told apart."""

    stack: Stack
    watch: Watch
    played: Played
    serial: str

    def __post_init__(self) -> None:
        mark = uuid4().hex[:10]
        self.case_number = f"CASE-{mark}"
        self.buyer = {"name": "Anne Peeters", "email": f"buyer-{mark}@example.org", "language": self.played.language}
        self.owner = {"name": "Jan Dubois", "email": f"owner-{mark}@example.org", "language": self.played.language}

    async def post(self, service: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A command that must be accepted."""
        answer = await self.stack.post(service, path, {"brand": self.played.brand, **body})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def mails(self, to: str) -> list[dict[str, Any]]:
        """What has arrived at an address, oldest first."""
        return await Mailbox(self.stack, to).mails()

    async def order(self, quantity: int = 3) -> str:
        """Confirm an order; returns the certificate number that the mail to the buyer carries."""
        body = {"case_number": self.case_number, "service_reference": self.played.reference, "quantity": quantity}
        await self.post("registration", "/orders", {**body, "buyer": self.buyer})
        return await Mailbox(self.stack, self.buyer["email"]).certificate(self.case_number)

    async def register(self, certificate: str, bought: relativedelta | None = None) -> dict[str, Any]:
        """Redeem one unit for the journey's serial number."""
        body = {"certificate": certificate, "serial": self.serial, "model": self.played.model, "customer": self.owner}
        return await self.post("registration", "/registrations", {**body, "purchased_on": self.day(bought).isoformat()})

    async def ask_repair(self) -> dict[str, Any]:
        """Open a repair ticket."""
        body = {"serial": self.serial, "complaint": "The screen stays black."}
        return await self.post("tickets", "/repair-requests", body)

    async def ask_return(self, repair: str | None = None) -> dict[str, Any]:
        """Ask to give the unit back."""
        body = {"serial": self.serial, "defect": "Cannot be repaired.", "repair_ticket_id": repair}
        return await self.post("tickets", "/return-requests", body)

    async def invoice(self, amount: str = "450.00", age: relativedelta | None = None) -> dict[str, Any]:
        """Make the unit's invoice known to credits."""
        price = {"amount": amount, "currency": self.played.currency}
        body = {"invoice_number": f"INV-{self.case_number}", "serial": self.serial, "price": price}
        return await self.post("credits", "/invoices", {**body, "invoiced_on": self.day(age).isoformat()})

    def day(self, before: relativedelta | None = None) -> date:
        """Today by the stack's clock where the brand is, or a day before it."""
        return self.played.today(self.stack.now()) - (before or relativedelta())

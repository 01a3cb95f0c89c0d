"""How services come to products by code and by contract: what a gateway, a customer and staff do, step by step."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
from dateutil.relativedelta import relativedelta
from tests.journeys.brands import ADDED, Played
from tests.journeys.journey import Journey
from tests.journeys.mailbox import Mailbox
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Heard, Watch

Address = dict[str, str]
Body = dict[str, Any]
HOME: Final[dict[str, Address]] = {
    "dynabook": {"street": "12 avenue de l’Opéra", "postal_code": "75001", "city": "Paris", "country": "FR"},
    "d-link": {"street": "3 bd Saint-Michel", "postal_code": "75005", "city": "Paris", "country": "FR"},
    "samsung-belux": {"street": "Kerkstraat 12 bus 3", "postal_code": "9000", "city": "Gent", "country": "BE"},
    "ibm": {"street": "Bahnhofstr. 7", "postal_code": "10115", "city": "Berlin", "country": "DE"},
    "carri": {"street": "8 rue des Érables", "postal_code": "69003", "city": "Lyon", "country": "FR"},
    ADDED.brand: {"street": "Seestrasse 14", "postal_code": "8002", "city": "Zürich", "country": "CH"},
}
"""Where each brand's products stand; ibm's and the sixth brand's in another time zone than the brand."""
TYPED: Final[dict[str, Address]] = {
    "dynabook": {"street": "12, av. de l'Opera", "postal_code": "75001", "city": "PARIS", "country": "FR"},
    "d-link": {"street": "3, boulevard St Michel", "postal_code": "F-75005", "city": "Paris", "country": "FR"},
    "samsung-belux": {"street": "KERKSTR. 12 BUS 3", "postal_code": "B-9000", "city": "GENT", "country": "BE"},
    "ibm": {"street": "Bahnhofstraße 7", "postal_code": "D-10115", "city": "BERLIN", "country": "DE"},
    "carri": {"street": "8, r. des Erables", "postal_code": "69003", "city": "lyon", "country": "FR"},
    ADDED.brand: {"street": "Seestr 14", "postal_code": "CH-8002", "city": "Zurich", "country": "CH"},
}
"""The same places as people type them."""
ELSEWHERE: Final[Address] = {"street": "Quai du Port 99", "postal_code": "13002", "city": "Marseille", "country": "FR"}
CONFIDENTIAL: Final[set[str]] = set()
"""What these journeys have typed or been told and what no public topic may carry: names, mail addresses, codes, …"""


def private(*words: str) -> None:
    """Remember what must stay private."""
    CONFIDENTIAL.update(word for word in words if word)


@dataclass
class Activating(Journey):
    """One customer with a product that is registered and has no service yet."""

    product: Body = field(default_factory=dict)
    """As registration answered: `product_id`, `customer_id`, …"""

    def __post_init__(self) -> None:
        super().__post_init__()
        private(*(one[name] for one in (self.buyer, self.owner) for name in ("name", "email")))

    async def send(self, path: str, body: Body, service: str = "activation") -> httpx.Response:
        """A command, whatever becomes of it."""
        return await self.stack.post(service, path, body)

    async def do(self, path: str, body: Body, service: str = "activation") -> Body:
        """A command that must be accepted."""
        answer = await self.send(path, body, service)
        assert answer.is_success, f"POST {path}: {answer.text}"
        return dict(answer.json())

    async def read(self, path: str, service: str = "activation", **query: str) -> Body:
        """A question that must be answered."""
        answer = await self.stack.get(service, path, **query)
        assert answer.status_code == 200, f"GET {path}: {answer.text}"
        return dict(answer.json())

    async def home(self, bought: relativedelta | None = None, like: "Activating | None" = None) -> "Activating":
        """Register the product without a service, with the customer of another one when it is `like` that."""
        if like:
            self.buyer, self.owner = like.buyer, like.owner
        unit = {"serial": self.serial, "model": self.played.model, "purchased_on": self.day(bought).isoformat()}
        self.product = await self.post("registration", "/products", {**unit, "customer": self.owner})
        await until(self.known, f"everybody hears of {self.serial}")
        return self

    async def known(self) -> bool:
        """Whether activation and tickets have heard of the product."""
        listed = (await self.read("/products", serial=self.serial))["items"]
        return bool(listed) and "product_unknown" not in (await self.coverage())["reasons"]

    async def code(self, quantity: int = 1, reference: str = "", **more: str) -> str:
        """Order a service; returns its code as the buyer finds it in their mail."""
        self.case_number = f"CASE-{uuid4().hex[:10]}"
        ordered = {"case_number": self.case_number, "service_reference": reference or self.played.reference}
        await self.post("registration", "/orders", {**ordered, "quantity": quantity, "buyer": self.buyer, **more})
        code = await Mailbox(self.stack, self.buyer["email"]).certificate(self.case_number)
        private(code)
        return code

    async def site(self, address: Address | None = None) -> str:
        """Create a site of the customer's; returns its number."""
        where = address or HOME[self.played.brand]
        private(where["street"], where["city"])
        named = {"name": "Hoofdkantoor", "address": where, "customer_id": self.product["customer_id"]}
        made = await self.do("/sites", {"brand": self.played.brand, **named})
        return str(made["site_number"])

    def item(self, code: str, site: str, **other: Any) -> Body:
        """What somebody fills in for this product; `other` says something else."""
        offer = self.played.offer
        typed = {
            "product_id": self.product["product_id"],
            "service_reference": offer["reference"],
            "terms_version": offer["terms_version"],
            "code": code,
            "purchased_on": self.day().isoformat(),
            "site_number": site,
            "product_address": TYPED[self.played.brand],
        }
        return typed | other

    async def ask(self, *items: Body) -> Body:
        """Ask for services by code and follow `Location` until every code was looked at."""
        private(*(item["product_address"]["street"] for item in items))
        answer = await self.send("/activation-requests", {"brand": self.played.brand, "items": list(items)})
        assert answer.status_code == 202, answer.text
        request_id = answer.json()["request_id"]
        assert answer.headers["Location"] == f"/activation-requests/{request_id}"

        async def looked_at() -> Body:
            shown = await self.read(answer.headers["Location"])
            return {} if shown["presented"] else shown

        return await until(looked_at, f"the outcome of the request {request_id}")

    async def activate(self, code: str = "", site: str = "", **other: Any) -> Body:
        """Ask for the brand's service on the product, which must become active; the fact that it has."""
        item = self.item(code or await self.code(), site or await self.site(), **other)
        [outcome] = (await self.ask(item))["items"]
        assert outcome["state"] == "activated", outcome
        heard = await self.watch.event("service.activated.v1", activation_id=outcome["activation_id"])
        return dict(heard.data)

    async def operational(self, activated: Body) -> Heard:
        """Let its set-up be over."""
        await self.at(datetime.fromisoformat(activated["operational_at"]) + timedelta(seconds=1))
        return await self.watch.event("service.operational.v1", activation_id=activated["activation_id"])

    async def at(self, moment: datetime) -> None:
        """Move the clock forward to a moment; it never goes back."""
        if (ahead := moment - self.stack.now()) > timedelta():
            await self.stack.advance(ahead)

    async def on(self, day: date, at: time = time(0, 0, 1)) -> None:
        """Move the clock to a local time of a day where the brand is."""
        await self.at(datetime.combine(day, at, self.played.zone))

    async def coverage(self) -> Body:
        """What tickets would say of a repair now."""
        return await self.read("/coverage", "tickets", brand=self.played.brand, serial=self.serial)

    async def covered_as(self, verdict: str, **more: str) -> None:
        """Until tickets says so."""

        async def said() -> bool:
            wanted = {"verdict": verdict, **more}
            shown = await self.coverage()
            return {name: shown[name] for name in wanted} == wanted

        await until(said, f"the verdict {verdict} {more or ''} for {self.serial}")

    async def ledger(self) -> list[int]:
        """What the certificate of the latest order has given and got back, in order."""
        ordered = await self.watch.event("order.confirmed.v1", case_number=self.case_number)
        path = f"/certificates/{ordered.data['certificate_id']}/ledger"
        return [entry["change"] for entry in (await self.read(path, "registration"))["entries"]]

    async def mailed(self, kind: str, times: int = 1, to: str = "") -> None:
        """Until a person, the customer unless somebody else is named, got that many mails of a kind, and no more."""
        person = to or self.product["customer_id"]

        async def sent() -> int:
            said = [one.data["kind"] for one in self.watch.heard("notification.sent.v1", contact_id=person)]
            return said.count(kind) if said.count(kind) >= times else 0

        assert await until(sent, f"{times} mails {kind} to {person}") == times

    async def mail(self, subject: str, text: str = "") -> Body:
        """The customer's mail with these words, in their language, sent once."""
        found = await Mailbox(self.stack, self.owner["email"]).mail(subject, text)
        assert found["headers"]["Content-Language"] == self.owner["language"]
        assert len(found["deliveries"]) == 1
        return found


def activating(stack: Stack, watch: Watch, played: Played) -> Activating:
    """Somebody with a new unit of a brand."""
    return Activating(stack, watch, played, played.unit(next(UNITS)))

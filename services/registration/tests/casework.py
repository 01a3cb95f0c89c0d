"""People with tokens of their roles, and one registered product to make cases of."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from tests.support.rooms import Room

from event_schemas.roles import ROLES

from .conftest import Desk

ZOE = {"name": "Zoë Lambert", "email": "zoe.lambert@example.com", "language": "fr"}
EVA = {"name": "Eva Claes", "email": "eva.claes@example.com", "language": "nl"}


@dataclass(frozen=True)
class Actor:
    """The holder of a token of a role."""

    room: Room
    role: str
    claims: dict[str, str] = field(default_factory=dict)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        return await self.room.post(path, body or {}, key=key, scopes=ROLES[self.role], claims=self._told)

    async def get(self, path: str, language: str = "en") -> httpx.Response:
        return await self.room.get(path, scopes=ROLES[self.role], claims=self._told, language=language)

    @property
    def _told(self) -> dict[str, str]:
        return {"role": self.role, "sub": f"{self.role}-1", **self.claims}


def dealer(room: Room, organisation: str | None = None, **claims: str) -> Actor:
    """Somebody of an organisation, who sees its files."""
    own = {"sub": str(uuid4()), "organisation": organisation or str(uuid4())}
    return Actor(room, "dealer-admin", {**own, **claims})


def customer(room: Room, contact_id: str, **claims: str) -> Actor:
    """An end customer with an account."""
    return Actor(room, "end-customer", {"sub": str(uuid4()), "contact": contact_id, **claims})


@dataclass
class Case:
    """A product that a dealer registered for Jan."""

    dealer: Actor
    staff: Actor
    owner: Actor
    registered: dict[str, Any]
    body: dict[str, Any]

    @property
    def product_id(self) -> str:
        return str(self.registered["product_id"])

    def sale(self, **changes: Any) -> dict[str, Any]:
        usual = {"product_id": self.product_id, "kind": "sale", "transferred_on": "2026-11-22"}
        return {**usual, "reason": "Sold with the office.", "new_customer": ZOE, **changes}

    def lease_return(self, **changes: Any) -> dict[str, Any]:
        return {"product_id": self.product_id, "kind": "lease_return", "transferred_on": "2026-11-22", **changes}

    def move(self, **changes: Any) -> dict[str, Any]:
        address = {"street": "Bahnhofstrasse 1", "postal_code": "8001", "city": "Zürich"}
        usual = {"product_id": self.product_id, "from_country": "BE", "to_country": "CH", "planned_on": "2027-01-15"}
        return {**usual, "new_address": address, "reason": "The department moves.", **changes}


async def open_case(desk: Desk, **changes: Any) -> Case:
    """A registered product, everything said about it taken out of the outbox."""
    issued = await desk.certificate()
    seller, staff = dealer(desk.room), Actor(desk.room, "staff")
    usual = {
        "brand": "dynabook",
        "certificate": issued.certificate_number,
        "serial": desk.serial(),
        "model": "PT5B1E-0K601",
        "purchased_on": "2026-11-20",
        "customer": {"name": "Jan Peeters", "email": f"jan-{uuid4().hex[:8]}@example.com", "language": "nl"},
    }
    body = usual | changes
    answer = await seller.post("/registrations", body)
    assert answer.status_code == 201, answer.text
    await desk.said()
    registered = answer.json()
    return Case(seller, staff, customer(desk.room, registered["customer_id"]), registered, body)


def somebody() -> dict[str, str]:
    """A person whom no other test knows."""
    return {**EVA, "email": f"{uuid4()}@example.com"}


async def register_too(case: Case, desk: Desk, **changes: Any) -> tuple[Actor, httpx.Response]:
    """Another dealer registers the case's product for somebody else; what was said before is taken out."""
    issued, rival = await desk.certificate(), dealer(desk.room)
    body = {**case.body, "customer": somebody(), "certificate": issued.certificate_number, **changes}
    return rival, await rival.post("/registrations", body)


async def claim(case: Case, desk: Desk) -> tuple[Actor, str]:
    """Somebody else claims the product: their dealer, and the contest; nothing said is left."""
    rival, answer = await register_too(case, desk)
    assert answer.status_code == 202, answer.text
    await desk.said()
    return rival, str(answer.json()["contest_id"])


async def settle(case: Case, contest_id: str, decision: str) -> None:
    """Staff decide a contest."""
    body = {"decision": decision, "reason": "The invoice says so."}
    answer = await case.staff.post(f"/contests/{contest_id}/decision", body)
    assert answer.status_code == 200, answer.text

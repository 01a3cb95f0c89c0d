"""Somebody with registered products and a site who asks for services by code, and registration's answers to them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from tests.support.rooms import Room

from activation_service.policy import policy_of
from event_schemas.activation_codes import CodePresented
from event_schemas.registration import (
    CertificateRedeemed,
    CodeRefused,
    OrderConfirmed,
    ProductRegistered,
    RegistrationCancelled,
)

BRAND, THREE_YEARS, ONE_YEAR = "d-link", "DAS-A-36", "DAS-C-12"
HERE: Final = {"street": "Kerkstraat 12 bus 3", "postal_code": "9000", "city": "Gent", "country": "BE"}
THERE: Final = {"street": "Kerkstraat 14", "postal_code": "9000", "city": "Gent", "country": "BE"}
OWN_SCOPES: Final = ("activations:read", "activations:write", "sites:read", "sites:write", "offers:read")


@dataclass
class Person:
    """An account of the portal, which sees its own files only."""

    room: Room
    subject: str = field(default_factory=lambda: f"account-{uuid4().hex[:8]}")
    contact: UUID = field(default_factory=uuid4)
    site_number: str = ""

    @property
    def claims(self) -> dict[str, str]:
        return {"sub": self.subject, "contact": str(self.contact)}

    async def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.room.post(path, body, scopes=OWN_SCOPES, claims=self.claims, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.room.get(path, scopes=OWN_SCOPES, claims=self.claims, **more)

    async def product(self, **changes: Any) -> ProductRegistered:
        """A registered product of this person."""
        return await registered(self.room, customer_id=self.contact, registered_by=self.subject, **changes)

    async def site(self, **changes: Any) -> str:
        """A site of this person, found at `HERE` unless something else is said."""
        body = {"brand": BRAND, "name": "Head office", "address": HERE} | changes
        answer = await self.post("/sites", body)
        assert answer.status_code == 201, answer.text
        self.site_number = answer.json()["site_number"]
        return self.site_number

    def item(self, product: ProductRegistered, **changes: Any) -> dict[str, Any]:
        """An item that is in order, when the site is."""
        usual = {
            "product_id": str(product.product_id),
            "service_reference": THREE_YEARS,
            "terms_version": "2026-01",
            "code": a_code(),
            "purchased_on": "2026-11-20",
            "site_number": self.site_number,
            "product_address": HERE,
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    async def ask(self, *items: dict[str, Any], brand: str = BRAND, **more: Any) -> dict[str, Any]:
        """Ask for services; the answer's body."""
        answer = await self.post("/activation-requests", {"brand": brand, "items": list(items)}, **more)
        assert answer.status_code == 202, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def shown(self, request: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """The items of a request as they stand."""
        answer = await self.get(f"/activation-requests/{request['request_id']}", **more)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def someone(room: Room) -> Person:
    """A person with a site."""
    person = Person(room)
    await person.site()
    return person


async def registered(room: Room, **changes: Any) -> ProductRegistered:
    """A product that registration has told of."""
    usual = {
        "brand": BRAND,
        "product_id": uuid4(),
        "serial": f"DL{uuid4().int % 10**9:09}",
        "model": "DGS-3630-28TC",
        "purchased_on": "2026-11-01",
        "warranty_ends_on": "2028-10-31",
        "customer_id": uuid4(),
    }
    fact = ProductRegistered.model_validate(usual | changes)
    await room.hear(fact)
    return fact


def a_code() -> str:
    """As registration makes them."""
    return "DL" + "".join("34679ACDEFGHJKMNPQRTUVWXY"[one % 25] for one in uuid4().bytes[:10])


def redeemed(code: CodePresented, **changes: Any) -> CertificateRedeemed:
    """Registration's yes to a code."""
    told = code.model_dump(include=set(CertificateRedeemed.model_fields))
    usual = {"redemption_id": uuid4(), "certificate_id": uuid4(), "model": "DGS-3630-28TC"}
    return CertificateRedeemed.model_validate(told | usual | changes)


def refused(code: CodePresented, reason: str) -> CodeRefused:
    """Registration's no to a code."""
    told = code.model_dump(include=set(CodeRefused.model_fields))
    return CodeRefused.model_validate(told | {"reason": reason})


def taken_back(unit: CertificateRedeemed, reason: str = "customer_request") -> RegistrationCancelled:
    """A redemption that registration has cancelled."""
    told = unit.model_dump(include=set(RegistrationCancelled.model_fields))
    return RegistrationCancelled.model_validate(told | {"reason": reason})


def ordered(**changes: Any) -> OrderConfirmed:
    """A confirmed order of three units of a service whose codes lapse; one of before, without a day of purchase."""
    usual = {
        "brand": BRAND,
        "order_id": uuid4(),
        "case_number": f"CASE-{uuid4().hex[:8]}",
        "service_reference": THREE_YEARS,
        "service_name": "D-Link Assist",
        "quantity": 3,
        "certificate_id": uuid4(),
        "buyer_id": uuid4(),
        "purchased_on": "2026-11-22",
    }
    told = usual | changes
    if told["purchased_on"] and told["service_reference"] == THREE_YEARS:
        last = date.fromisoformat(told["purchased_on"]) + timedelta(days=90)
        told = {"usable_until": last} | told
    return OrderConfirmed.model_validate(told)


async def presented(room: Room) -> list[CodePresented]:
    """The codes that were sent to registration since the last look, and nothing else was said."""
    facts = await room.said()
    assert all(isinstance(fact, CodePresented) for fact in facts), facts
    return [fact for fact in facts if isinstance(fact, CodePresented)]


def at(room: Room, day: str, time: str = "12:00", brand: str = BRAND) -> None:
    """Put the room's clock to a wall-clock time where the brand lives."""
    local = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=policy_of(brand).time_zone)
    room.clock.set(local.astimezone(UTC))

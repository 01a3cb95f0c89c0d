"""The registration service in a room of its own, and what its users say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx
import pytest
from tests.support.catalogue import offers, records
from tests.support.rooms import BUDGETS, MORNING, Room, open_room

from chassis.http.app import build_app
from event_schemas import Event
from event_schemas.registration_mail import CertificateIssued
from registration_service.__main__ import SERVICE
from registration_service.policy import BOOK
from registration_service.settings import RegistrationSettings

from .asking import PROXY, Tell

NUMBERS = count(1)
CAMILLE = {"name": "Camille Martin", "email": "camille.martin@example.com", "language": "fr"}
JAN = {"name": "Jan Peeters", "email": "jan.peeters@example.com", "language": "nl"}
TABLES = ("contacts", "orders", "certificates", "entries", "products", "redemptions", "outbox")


@dataclass
class Desk:
    """A room, and the commands of its users with something sensible in every field that a test does not name."""

    room: Room

    async def order(self, **changes: Any) -> httpx.Response:
        usual = {
            "brand": "dynabook",
            "case_number": f"FR-2026-{next(NUMBERS):06}",
            "service_reference": "PPCP013FR-VGAD",
            "quantity": 3,
            "buyer": CAMILLE,
        }
        return await self.room.post("/orders", usual | changes)

    async def certificate(self, **changes: Any) -> CertificateIssued:
        """The mail about a fresh certificate; everything said so far is taken out of the outbox."""
        answer = await self.order(**changes)
        assert answer.status_code == 201, answer.text
        said = await self.room.said()
        assert isinstance(said[-1], CertificateIssued)
        return said[-1]

    async def register(self, certificate: str, **changes: Any) -> httpx.Response:
        usual = {
            "brand": "dynabook",
            "certificate": certificate,
            "serial": self.serial(),
            "model": "PT5B1E-0K601",
            "purchased_on": "2026-11-20",
            "customer": JAN,
        }
        return await self.room.post("/registrations", usual | changes)

    async def ledger(self, certificate_id: object, query: str = "") -> dict[str, Any]:
        answer = await self.room.get(f"/certificates/{certificate_id}/ledger{query}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {table: await self.room.database.pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}

    async def said(self) -> list[Event]:
        return await self.room.said()

    @staticmethod
    def serial() -> str:
        """A dynabook serial number that no other test uses."""
        return f"9H{next(NUMBERS):07}X"


def refused(answer: httpx.Response, status: int, code: str, pointer: str) -> dict[str, Any]:
    """The one field error of a problem, after checking what it is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    return {**problem["errors"][0], "detail": problem["detail"]}


@asynccontextmanager
async def without_offer(room: Room, reference: str) -> AsyncIterator[None]:
    """As if nothing had been heard of an offer; of none at all when the reference is empty."""
    gone = "DELETE FROM offers WHERE $1 IN ('', reference)"
    await room.database.pool.execute(gone, reference)
    try:
        yield
    finally:
        await room.delivery().take(records(offers(), 1_000_000 + 1000 * next(NUMBERS)))


@pytest.fixture(scope="module")
async def room(postgres) -> AsyncIterator[Room]:
    async with open_room(SERVICE, postgres) as room:
        yield room


@pytest.fixture
async def desk(room: Room) -> AsyncIterator[Desk]:
    """The module's room with its clock at the start, nothing said and the shipped brands in force."""
    BOOK.load()
    room.clock.set(MORNING)
    await room.said()
    yield Desk(room)
    BOOK.load()


@pytest.fixture
async def tell(desk: Desk) -> AsyncIterator[Tell]:
    """The budgets as they are shipped, with nothing spent and one proxy; a test may tell the service others."""
    before: RegistrationSettings = desk.room.app.state.settings
    fields = RegistrationSettings.model_fields
    shipped = {name: field.default for name, field in fields.items() if name.endswith(BUDGETS)}

    def change(**settings: Any) -> None:
        told = before.model_dump() | shipped | {"trusted_proxies": PROXY} | settings
        desk.room.app.state.settings = type(before).model_validate(told)

    await desk.room.database.pool.execute("TRUNCATE allowances, address_keys")
    change()
    yield change
    desk.room.app.state.settings = before


@pytest.fixture
def another(room: Room) -> Room:
    """A process of the same service on the same database, just started."""
    app = build_app(room.service.name, room.service.package, room.service.routers)
    for name in ("database", "gate", "wake", "settings"):
        setattr(app.state, name, getattr(room.app.state, name))
    return replace(room, app=app)

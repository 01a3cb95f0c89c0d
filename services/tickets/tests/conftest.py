"""The tickets service in a room of its own, and the facts it hears about units."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from tests.support.rooms import MORNING, Room, open_room
from uuid6 import uuid7

from event_schemas.activation import ServiceActivated, ServiceOperational
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from tickets_service.__main__ import SERVICE
from tickets_service.policy import BOOK


@dataclass(frozen=True)
class Story:
    """One unit of a customer with one service, as other services would tell of it."""

    brand: str = "dynabook"
    serial: str = field(default_factory=lambda: f"9H{uuid7().int % 10**9:09}X")
    model: str = "PT5B1E-0K601"
    warranty_ends_on: date = date(2027, 10, 31)
    activated_at: datetime = MORNING
    ends_on: date = date(2029, 11, 21)
    product_id: UUID = field(default_factory=uuid7)
    customer_id: UUID = field(default_factory=uuid7)
    redemption_id: UUID = field(default_factory=uuid7)
    activation_id: UUID = field(default_factory=uuid7)

    @property
    def operational_at(self) -> datetime:
        return self.activated_at + timedelta(days=2)

    @property
    def _unit(self) -> dict[str, object]:
        ids = {"product_id": self.product_id, "customer_id": self.customer_id}
        return {"brand": self.brand, "serial": self.serial, **ids}

    @property
    def _service(self) -> dict[str, object]:
        offer = {"service_reference": "PPCP013FR-VGAD", "service_name": "Pack Pro Connect 3 ans"}
        times = {"operational_at": self.operational_at, "ends_on": self.ends_on}
        level = {"response_level": "on-site-next-business-day", "activation_id": self.activation_id}
        return {**self._unit, **offer, **times, **level}

    def registered(self) -> ProductRegistered:
        days = {"purchased_on": date(2026, 11, 1), "warranty_ends_on": self.warranty_ends_on}
        return ProductRegistered(**self._unit, model=self.model, **days)

    def activated(self) -> ServiceActivated:
        return ServiceActivated(**self._service, redemption_id=self.redemption_id, activated_at=self.activated_at)

    def operational(self) -> ServiceOperational:
        return ServiceOperational(**self._service)

    def cancelled(self) -> RegistrationCancelled:
        certificate = {"certificate_id": uuid7(), "service_reference": "PPCP013FR-VGAD"}
        reason = "customer_request"
        return RegistrationCancelled(**self._unit, **certificate, redemption_id=self.redemption_id, reason=reason)

    def repair(self, **more: object) -> dict[str, object]:
        return {"brand": self.brand, "serial": self.serial, "complaint": "No picture.", **more}

    def refund(self, **more: object) -> dict[str, object]:
        return {"brand": self.brand, "serial": self.serial, "defect": "Main board broken.", **more}


@pytest.fixture(scope="module")
async def one_room(postgres) -> AsyncIterator[Room]:
    async with open_room(SERVICE, postgres) as room:
        yield room


@pytest.fixture
async def room(one_room: Room) -> AsyncIterator[Room]:
    """The module's room with its clock at the start, nothing said and the shipped brands in force."""
    one_room.clock.set(MORNING.astimezone(UTC))
    await one_room.said()
    yield one_room
    BOOK.load()


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def another():
    """Stories that differ from the usual one."""
    return Story

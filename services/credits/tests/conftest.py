"""The credits service in a room of its own, and what it hears and is told."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from tests.support.rooms import MORNING, Room, open_room

from credits_service.__main__ import SERVICE
from credits_service.policy import BOOK
from event_schemas.tickets import ReturnAccepted


@pytest.fixture(scope="module")
async def one_room(postgres) -> AsyncIterator[Room]:
    async with open_room(SERVICE, postgres) as room:
        yield room


@pytest.fixture
async def room(one_room: Room) -> AsyncIterator[Room]:
    """The module's room with its clock at the start, nothing said and the shipped brands in force."""
    one_room.clock.set(MORNING)
    await one_room.said()
    yield one_room
    BOOK.load()


@pytest.fixture
def serial() -> str:
    """A unit that no other test has."""
    return f"9H{uuid4().int % 10**7:07}X"


@pytest.fixture
def accepted(serial):
    """An accepted return of that unit; every call is another ticket."""

    def build(**changes) -> ReturnAccepted:
        usual = {
            "brand": "dynabook",
            "ticket_id": uuid4(),
            "serial": serial,
            "customer_id": uuid4(),
            "grms_number": f"GRMS-{uuid4().hex[:10]}",
            "accepted_on": "2026-11-20",
        }
        return ReturnAccepted.model_validate(usual | changes)

    return build


@pytest.fixture
def invoice(serial):
    """The body of an invoice of that unit, ten months before the return is accepted; every call is another number."""

    def build(**changes) -> dict:
        usual = {
            "brand": "dynabook",
            "invoice_number": f"INV-{uuid4().hex[:10]}",
            "serial": serial,
            "invoiced_on": "2026-01-15",
            "price": {"amount": "450.00", "currency": "EUR"},
        }
        return usual | changes

    return build

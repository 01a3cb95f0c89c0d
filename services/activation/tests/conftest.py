"""The activation service in a room of its own, and the facts it hears."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from tests.support.rooms import MORNING, Room, open_room

from activation_service.__main__ import SERVICE
from activation_service.policy import BOOK
from event_schemas.registration import CertificateRedeemed


@pytest.fixture(scope="module")
async def one_room(postgres) -> AsyncIterator[Room]:
    async with open_room(SERVICE, postgres) as room:
        yield room


@pytest.fixture
async def room(one_room: Room) -> AsyncIterator[Room]:
    """The module's room with its clock at the start, nothing said and the shipped brands in force."""
    one_room.clock.set(MORNING)
    await one_room.database.pool.execute("DELETE FROM timer")
    await one_room.said()
    yield one_room
    BOOK.load()


@pytest.fixture
def redeemed():
    """A redeemed unit of the dynabook pack; every call is another one."""

    def build(**changes) -> CertificateRedeemed:
        usual = {
            "brand": "dynabook",
            "product_id": uuid4(),
            "redemption_id": uuid4(),
            "certificate_id": uuid4(),
            "service_reference": "PPCP013FR-VGAD",
            "serial": f"9H{uuid4().int % 10**7:07}X",
            "model": "PT5B1E-0K601",
            "customer_id": uuid4(),
        }
        return CertificateRedeemed.model_validate(usual | changes)

    return build

"""The notifications service in a room of its own, a mail server, and people to write to."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import pytest
from tests.support.rooms import MORNING, Room, open_room
from tests.support.smtp import Arrival, Mailbox, open_mailbox
from tests.support.stack import PostgresStack

from event_schemas import Event
from event_schemas.activation_offers import OfferPublished
from event_schemas.contacts import ContactChanged
from event_schemas.examples import examples_of
from notifications_service.__main__ import SERVICE
from notifications_service.mails.kinds import Mailed
from notifications_service.mails.sender import Sender
from notifications_service.policy import BOOK
from notifications_service.settings import MailSettings

E = TypeVar("E", bound=Event)
OTHERWISE: dict[str, list[dict[str, Any]]] = {
    "review.answered.v1": [{"released": True, "reason": None}],
    "contract.renewed.v1": [{"seamless": False}],
    "contract.expired.v1": [{"renewable_until": None}],
    "contract.terminated.v1": [{"by": "vendor", "reason": "breach"}],
    "dispute.answered.v1": [{"decision": "not_covered"}, {"decision": "withdrawn", "reason": ""}],
    "licence.maintenance.lapsed.v1": [{"reinstatable_until": None}],
    "move.answered.v1": [{"approved": True, "reason": None}],
    "contest.answered.v1": [{"keeps_product": False, "decision": "claimant_gets"}],
    "repair.finished.v1": [{"outcome": "exchanged"}],
}
"""What the examples leave out and is mailed in other words."""


@dataclass
class Post:
    """The service with its mail server: events in, mails out."""

    room: Room
    mailbox: Mailbox
    known: dict[UUID, str] = field(default_factory=dict)

    def settings(self, **changes: Any) -> MailSettings:
        return MailSettings(
            database_url="postgresql://",
            kafka="127.0.0.1:9",
            environment="test",
            smtp_port=self.mailbox.port,
            **changes,
        )

    async def send(self, **changes: Any) -> bool:
        """Send what is due; True when the mail server is away."""
        return await Sender(self.room.database, self.settings(**changes)).send_due()

    async def meet(
        self,
        *,
        name: str = "Camille Dupont",
        language: str = "fr",
        brand: str = "dynabook",
        contact_id: UUID | None = None,
        email: str | None = None,
    ) -> UUID:
        """Let a person become known, at an address of their own."""
        contact_id = contact_id or uuid4()
        email = email or f"{contact_id.hex}@post.example"
        await self.room.hear(
            ContactChanged(brand=brand, contact_id=contact_id, name=name, email=email, language=language)
        )
        self.known[contact_id] = email
        return contact_id

    def mails_to(self, contact_id: UUID) -> list[Arrival]:
        return self.mailbox.to(self.known[contact_id])

    async def row(self, contact_id: UUID) -> dict[str, Any]:
        """The one mail of a person as staff see it."""
        mail: dict[str, Any]
        [mail] = (await self.room.get(f"/mails?contact_id={contact_id}")).json()["items"]
        return mail


def told(event: type[E], example: int = 0, **changes: Any) -> E:
    """An event as the examples have it, with changes."""
    return event.model_validate(examples_of(event)[example] | changes)


def samples() -> list[Mailed]:
    """Every example of every event that is told by mail, and what the examples leave out."""
    mailed = [route.event for route in SERVICE.hears if route.event not in (ContactChanged, OfferPublished)]
    changes = [(event, [{}, *OTHERWISE.get(event.TYPE, [])]) for event in mailed]
    return [
        cast("Mailed", event.model_validate(example | change))
        for event, each in changes
        for example in examples_of(event)
        for change in each
    ]


@pytest.fixture(scope="module")
async def one_room(postgres: PostgresStack) -> AsyncIterator[Room]:
    async with open_room(SERVICE, postgres) as room:
        yield room


@pytest.fixture
async def post(one_room: Room) -> AsyncIterator[Post]:
    """The room with an empty outbox of mails, its clock at the start, and a fresh mail server."""
    one_room.clock.set(MORNING)
    await one_room.database.pool.execute("TRUNCATE mails, contacts")
    await one_room.said()
    async with open_mailbox() as mailbox:
        yield Post(one_room, mailbox)
    BOOK.load()

"""Who stands at the desk of registration: dealers with their organisations, end customers, staff."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from tests.support.rooms import Room

from event_schemas.roles import ROLES


@dataclass(frozen=True)
class Visitor:
    """Somebody with a token of one role."""

    room: Room
    role: str
    organisation: str | None = None
    contact: str | None = None
    brand: str | None = None
    subject: str = field(default_factory=lambda: str(uuid4()))

    @property
    def token(self) -> dict[str, Any]:
        """The arguments for the room's `post` and `get`."""
        claims = {"organisation": self.organisation, "contact": self.contact, "brand": self.brand}
        said = {name: value for name, value in claims.items() if value}
        return {"scopes": ROLES[self.role], "claims": {"sub": self.subject, "role": self.role, **said}}

    async def post(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.room.post(path, body, **self.token, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.room.get(path, **self.token, **more)


def dealer(room: Room, organisation: str | None = None, role: str = "dealer-admin") -> Visitor:
    """The administrator of a dealer's organisation, of a new one unless it is named."""
    return Visitor(room, role, organisation or str(uuid4()))


def end_customer(room: Room, contact: str) -> Visitor:
    """An account of the person behind a contact."""
    return Visitor(room, "end-customer", contact=contact)


def staff(room: Room) -> Visitor:
    """Somebody who decides."""
    return Visitor(room, "staff", subject="staff-7")


def same_but_for_ids(*answers: httpx.Response) -> bool:
    """Whether answers are alike in everything that a reader could tell them apart by."""
    own = {"x-request-id", "traceparent"}
    bodies = [{**answer.json(), "correlation_id": ""} for answer in answers]
    heads = [{name: value for name, value in answer.headers.items() if name not in own} for answer in answers]
    codes = [answer.status_code for answer in answers]
    return all(one == many[0] for many in (bodies, heads, codes) for one in many)

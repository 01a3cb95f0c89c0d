"""Two organisations with their people, end customers and servers, brought about over HTTP alone (REG-01 to REG-06).

Anton's members see their own files, Berta's see all of hers. Zoe administers an organisation of another brand.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from uuid import uuid4

import httpx
from tests.support.people import Somebody, settled
from tests.support.rooms import Room
from tests.support.tokens import signed_token

from event_schemas import Event
from event_schemas.roles import ROLES

BRAND: Final = "dynabook"
OTHER_BRAND: Final = "d-link"
PERSONAL: Final = ("sub", "role", "organisation", "contact", "brand")
"""Claims that say who somebody is."""
Learn = Callable[[Any], None]


@dataclass(frozen=True)
class Actor:
    """Somebody with a token; what they may see follows from its claims."""

    name: str
    room: Room
    token: str

    @classmethod
    def of(cls, name: str, somebody: Somebody) -> "Actor":
        """Somebody who has signed in, with their token of now."""
        return cls(name, somebody.room, somebody.tokens["access_token"])

    def at(self, room: Room) -> "Actor":
        """The same actor at another service, which has the same claims of them."""
        said = {name: self.claims[name] for name in PERSONAL if name in self.claims}
        return Actor(self.name, room, signed_token(room.key, self.claims["scope"].split(), **said))

    @property
    def claims(self) -> dict[str, Any]:
        """What the token says."""
        middle = self.token.split(".")[1]
        found: dict[str, Any] = json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return found

    @property
    def organisation(self) -> str | None:
        """The organisation whose files are this actor's to share."""
        return self.claims.get("organisation")

    def may(self, scope: str | None) -> bool:
        """Whether the token grants a scope."""
        return scope in self.claims["scope"].split()

    def sees_files_of(self, maker: "Actor", *, branded: bool = True) -> bool:
        """What REG-06 says about a file that this or another actor has made; documents have the brand of the token."""
        own, made = self.claims.get("brand"), maker.claims.get("brand", BRAND if branded else None)
        if None not in (own, made) and own != made:
            return False
        shares = self.may("files:organisation") and self.organisation == maker.organisation is not None
        same = self.claims["sub"] == maker.claims["sub"] and self.organisation == maker.organisation
        return self.may("files:all") or same or shares

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send a command under a key of its own."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        content = more if body is None else {"json": body}
        return await self.room.client.post(path, headers=headers, **content)

    async def get(self, path: str) -> httpx.Response:
        """Ask for something."""
        return await self.room.client.get(path, headers={"Authorization": f"Bearer {self.token}"})


def done(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer that must be good."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    told: dict[str, Any] = answer.json()
    return told


class World:
    """Makes the actors; afterwards `actors` has them by name."""

    def __init__(self, room: Room, learn: Learn = lambda _: None) -> None:
        """`learn` hears of every fact that is said on the way."""
        self.room, self._learn = room, learn
        self.actors: dict[str, Actor] = {}
        self.numbers = count(1)

    async def begin(self) -> "World":
        """Let everybody sign up, create their organisation or join it, and sign in again."""
        for role in ("gateway", "staff", "ops"):
            self._add(self._server(role, role))
        anton, berta = await self._organisation("Anton"), await self._organisation("Berta")
        await self._organisation("Zoe", OTHER_BRAND)
        self._add(self._server("gateway for Anton", "gateway", organisation=anton))
        self._add(self._server("staff of another brand", "staff", brand=OTHER_BRAND))
        done(await self.actors["Berta"].post("/organisation/visibility", {"members_see": "all"}))
        for name, organisation in (("Anne", anton), ("Aldo", anton), ("Bea", berta), ("Bruno", berta)):
            head = next(one for one in self.actors.values() if one.organisation == organisation)
            self._add(Actor.of(name, await self.joined(name, head)))
        self._add(self._elsewhere("AnneElsewhere", "Anne", "dealer-member", organisation=berta))
        self._add(self._elsewhere("AnneAlone", "Anne", "end-customer"))
        for name in ("Ella", "Egon"):
            customer = await self.signed_up(name, declares="end-customer")
            self._add(Actor.of(name, await customer.refresh()))
        return self

    def at(self, room: Room) -> "World":
        """The same actors before another service, and whoever has business there alone."""
        there = World(room)
        there.actors = {name: actor.at(room) for name, actor in self.actors.items()}
        there._add(there._server("logistics", "logistics"))
        return there

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]

    async def said(self, kind: type[Event]) -> Any:
        """The last fact of a kind since this was last asked."""
        facts = await self.room.said()
        for fact in facts:
            self._learn(fact.model_dump(mode="json"))
        return next(fact for fact in reversed(facts) if isinstance(fact, kind))

    async def signed_up(self, name: str, brand: str = BRAND, **profile: Any) -> Somebody:
        """Somebody with a proven address and a complete profile."""
        return await settled(self.room, email_of(name), brand, first_name=name, **profile)

    async def _organisation(self, name: str, brand: str = BRAND) -> str:
        founder = await self.signed_up(name, brand)
        made = done(await founder.found(f"{name} Elektro"))
        self._add(Actor.of(name, await founder.refresh()))
        return str(made["organisation_id"])

    async def joined(self, name: str, head: Actor) -> Somebody:
        """Somebody whom the administrator of an organisation has let in."""
        applicant = await self.signed_up(name)
        asked = done(await applicant.post("/join-requests", {"organisation_id": head.organisation}))
        done(await head.post(f"/join-requests/{asked['join_request_id']}/approval"))
        return await applicant.refresh()

    def _server(self, name: str, role: str, **claims: str) -> Actor:
        """A token of the installation's own issuer, which no account stands behind."""
        return Actor(name, self.room, signed_token(self.room.key, ROLES[role], sub=name, role=role, **claims))

    def _elsewhere(self, name: str, before: str, role: str, **claims: str) -> Actor:
        """The same account after it has left its organisation."""
        kept = {claim: self[before].claims[claim] for claim in ("sub", "brand", "contact")}
        return Actor(name, self.room, signed_token(self.room.key, ROLES[role], role=role, **kept, **claims))

    def _add(self, actor: Actor) -> None:
        self.actors[actor.name] = actor


def email_of(name: str) -> str:
    """Where somebody gets their mail."""
    return f"{name.lower()}@example.com"

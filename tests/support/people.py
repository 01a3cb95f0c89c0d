"""People who sign up, prove their address, found and join organisations: all through HTTP, as a front end would."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeVar

import httpx
from joserfc import jwt
from tests.support.rooms import Room

from event_schemas import Event
from event_schemas.registration_mail import VerificationRequested

PASSWORD: Final = "seven plums under a ladder"
NUMBERS: Final = count(1)
E = TypeVar("E", bound=Event)


def only(kind: type[E], said: list[Event]) -> E:
    """The one fact of a kind among those said."""
    found = [one for one in said if isinstance(one, kind)]
    assert len(found) == 1, f"{kind.__name__}: {len(found)} of {[type(one).__name__ for one in said]}"
    return found[0]


@dataclass
class Somebody:
    """An account with its tokens of now."""

    room: Room
    email: str
    brand: str
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        return str(self.tokens["account_id"])

    @property
    def claims(self) -> dict[str, Any]:
        """What the access token says."""
        return dict(jwt.decode(self.tokens["access_token"], self.room.key).claims)

    async def get(self, path: str) -> httpx.Response:
        return await self.room.get(path, token=self.tokens["access_token"])

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.room.post(path, body, token=self.tokens["access_token"], **more)

    async def sign_in(self, password: str = PASSWORD) -> "Somebody":
        answer = await sign_in(self.room, self.email, password, self.brand)
        assert answer.status_code == 201, answer.text
        self.tokens = answer.json()
        return self

    async def refresh(self) -> "Somebody":
        """The next tokens, with the role of now."""
        told = {"refresh_token": self.tokens["refresh_token"]}
        answer = await self.room.client.post("/sessions/refresh", json=told)
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self

    async def search(self, words: str) -> dict[str, Any]:
        answer = await self.get(f"/organisations?q={words}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def found(self, name: str, **changes: Any) -> httpx.Response:
        """Search for a name and create an organisation of that name."""
        receipt = (await self.search(name))["search_id"]
        place = {"street": "Rue Neuve 12", "postal_code": "1000", "city": "Bruxelles", "country": "BE"}
        return await self.post("/organisations", {"search_id": receipt, "name": name, **place, **changes})


def fresh_address(name: str = "somebody") -> str:
    """An address that nobody else has."""
    return f"{name}.{next(NUMBERS)}@example.com"


async def sign_up(room: Room, email: str, brand: str = "dynabook", language: str = "fr") -> httpx.Response:
    return await room.client.post("/sign-ups", json={"brand": brand, "email": email, "language": language})


async def sign_in(room: Room, email: str, password: str = PASSWORD, brand: str = "dynabook") -> httpx.Response:
    return await room.client.post("/sessions", json={"brand": brand, "email": email, "password": password})


async def verified(room: Room, email: str | None = None, brand: str = "dynabook") -> Somebody:
    """Somebody who has proven an address with the code and has done nothing since."""
    email = email or fresh_address()
    await room.said()
    asked = await sign_up(room, email, brand)
    assert asked.status_code == 202, asked.text
    code = only(VerificationRequested, await room.said()).code
    told = {"sign_up_id": asked.json()["sign_up_id"], "code": code}
    answer = await room.client.post("/verifications", json=told)
    assert answer.status_code == 201, answer.text
    return Somebody(room, email, brand, answer.json())


def profile(**changes: Any) -> dict[str, Any]:
    """A profile with something sensible in every field that a test does not name."""
    usual = {"first_name": "Camille", "last_name": "Martin", "phone": "01 70 18 99 00", "password": PASSWORD}
    return {**usual, "password_confirmation": changes.get("password", PASSWORD), **changes}


async def settled(room: Room, email: str | None = None, brand: str = "dynabook", **changes: Any) -> Somebody:
    """Somebody with a complete profile, free to join or found an organisation."""
    somebody = await verified(room, email, brand)
    answer = await somebody.post("/profile", profile(**{"phone": "+33170189900", **changes}))
    assert answer.status_code == 200, answer.text
    await room.said()
    return somebody


async def end_customer(room: Room, brand: str = "dynabook") -> Somebody:
    """Somebody at work for themselves."""
    return await (await settled(room, brand=brand, declares="end-customer")).refresh()


async def administrator(room: Room, name: str | None = None, brand: str = "dynabook", **changes: Any) -> Somebody:
    """Somebody who has founded an organisation; its id is in the claims."""
    founder = await settled(room, brand=brand)
    answer = await founder.found(name or f"Électro Dupont {next(NUMBERS)}", **changes)
    assert answer.status_code == 201, answer.text
    return await founder.refresh()


async def member(admin: Somebody) -> Somebody:
    """Somebody whom an administrator has let in."""
    applicant = await settled(admin.room, brand=admin.brand)
    asked = await applicant.post("/join-requests", {"organisation_id": admin.claims["organisation"]})
    assert asked.status_code == 201, asked.text
    answer = await admin.post(f"/join-requests/{asked.json()['join_request_id']}/approval")
    assert answer.status_code == 200, answer.text
    await admin.room.said()
    return await applicant.refresh()

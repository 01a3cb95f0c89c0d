"""People with accounts of their own on the running stack; codes and links reach them by mail alone."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import uuid4

import httpx
from tests.journeys.mailbox import Mailbox
from tests.support.stack_of_services import Stack
from tests.support.tokens import signed_token

from event_schemas.roles import ROLES

PASSWORD: Final = "seven plums under a ladder"
CONFIRM: Final = {"fr": "Confirmez votre adresse", "nl": "Bevestig uw e-mailadres", "en": "Confirm your e-mail"}
"""How the subject of the mail with the code begins."""
SHOP: Final = {"street": "Rue Neuve 12", "postal_code": "1000", "city": "Bruxelles", "country": "BE"}
PDF: Final = b"%PDF-1.7 an invoice"


@dataclass
class Actor:
    """Somebody with a token for registration."""

    stack: Stack
    token: str = field(repr=False)

    def _headers(self, **more: str) -> dict[str, str]:
        return ({"Authorization": f"Bearer {self.token}"} if self.token else {}) | more

    async def send(self, path: str, body: Any = None) -> httpx.Response:
        """A command, whatever becomes of it."""
        url, key = self.stack.url("registration") + path, {"Idempotency-Key": str(uuid4())}
        return await self.stack.client.post(url, json=body, headers=self._headers(**key))

    async def do(self, path: str, body: Any = None) -> dict[str, Any]:
        """A command that must be accepted."""
        return _good(await self.send(path, body))

    async def ask(self, path: str, service: str = "registration", **headers: str) -> httpx.Response:
        """A question, whatever the answer."""
        return await self.stack.client.get(self.stack.url(service) + path, headers=self._headers(**headers))

    async def read(self, path: str, service: str = "registration") -> dict[str, Any]:
        """A question that must be answered."""
        return _good(await self.ask(path, service))

    async def keep(self, name: str, content: bytes = PDF) -> str:
        """Upload a file; returns its id."""
        url, key = f"{self.stack.url('registration')}/documents?name={name}", {"Idempotency-Key": str(uuid4())}
        kept = await self.stack.client.post(url, content=content, headers=self._headers(**key))
        return str(_good(kept)["document_id"])


def _good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return dict(answer.json())


def server(stack: Stack, role: str) -> Actor:
    """A server or a member of staff, with what that role may do."""
    return Actor(stack, signed_token(stack._key, ROLES[role], sub=role, role=role))


class Somebody(Actor):
    """An account at a brand, with a mailbox."""

    def __init__(self, stack: Stack, brand: str, name: str, language: str) -> None:
        super().__init__(stack, "")
        self.brand, self.name, self.language = brand, name, language
        self.email = f"{name.split()[0].lower()}-{uuid4().hex[:10]}@example.org"
        self.mailbox = Mailbox(stack, self.email)
        self.refresh_token = ""

    @property
    def person(self) -> dict[str, str]:
        """Themselves, as a customer or a buyer."""
        return {"name": self.name, "email": self.email, "language": self.language}

    @property
    def claims(self) -> dict[str, Any]:
        """What the token of now says."""
        middle = self.token.split(".")[1]
        return dict(json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))

    def holding(self, tokens: dict[str, Any]) -> Self:
        """With these tokens from now on."""
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        return self

    async def sign_up(self, by: str = "code") -> Self:
        """Ask for an account and prove the address with what the mail brings: the code, or the link."""
        asked = await self.do("/sign-ups", {"brand": self.brand, "email": self.email, "language": self.language})
        subject = CONFIRM[self.language]
        if by == "code":
            proof = {"sign_up_id": asked["sign_up_id"], "code": await self.mailbox.code(subject)}
        else:
            link = await self.mailbox.link(subject, "/verification?token=")
            assert await self.read(link) == {"good": True, "method": "POST", "path": "/verifications"}
            proof = {"token": link.partition("=")[2]}
        return self.holding(await self.do("/verifications", proof))

    async def complete(self, **more: str) -> dict[str, Any]:
        """Fill in the profile; returns it."""
        first, last = self.name.split(" ", 1)
        chosen = {"password": PASSWORD, "password_confirmation": PASSWORD}
        return await self.do(
            "/profile", {"first_name": first, "last_name": last, "phone": "+3225550100"} | chosen | more
        )

    async def try_to_sign_in(self, password: str = PASSWORD) -> httpx.Response:
        """Bring address and password."""
        return await self.send("/sessions", {"brand": self.brand, "email": self.email, "password": password})

    async def sign_in(self, password: str = PASSWORD) -> Self:
        """With the role of now."""
        return self.holding(_good(await self.try_to_sign_in(password)))

    async def found(self, name: str) -> dict[str, Any]:
        """Search for an organisation in vain, create it, and sign in as its administrator."""
        search = await self.read(f"/organisations?q={name}")
        assert search["items"] == []
        made = await self.do("/organisations", {"search_id": search["search_id"], "name": name, **SHOP})
        await self.sign_in()
        return made


async def administrator(stack: Stack, brand: str, name: str, language: str) -> Somebody:
    """Somebody who has signed up and founded an organisation of their own."""
    founder = await Somebody(stack, brand, name, language).sign_up()
    await founder.complete()
    await founder.found(f"Elektro {uuid4().hex[:10]}")
    return founder


async def end_customer(stack: Stack, brand: str, name: str, language: str) -> Somebody:
    """Somebody who has signed up for themselves."""
    customer = await Somebody(stack, brand, name, language).sign_up()
    await customer.complete(declares="end-customer")
    return await customer.sign_in()


async def order_for(buyer: Somebody, reference: str, quantity: int = 2) -> str:
    """Let the gateway confirm an order, whose certificate's number goes to the buyer's mailbox; its case number."""
    case_number = f"CASE-{uuid4().hex[:10]}"
    ordered = {"case_number": case_number, "service_reference": reference, "quantity": quantity}
    await server(buyer.stack, "gateway").do("/orders", {"brand": buyer.brand, **ordered, "buyer": buyer.person})
    return case_number

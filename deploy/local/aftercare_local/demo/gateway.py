"""What a front-end gateway does, post commands with a key and a token; and what a buyer does, read mail."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx

from aftercare_local.demo.told import Teller
from aftercare_local.settings import LocalSettings
from aftercare_local.trouble import Trouble

PATIENCE_SECONDS = 30.0


class Gateway:
    """Posts commands to the services of a local stack."""

    def __init__(self, settings: LocalSettings, token: str, teller: Teller) -> None:
        self._settings, self._teller = settings, teller
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self._read: set[str] = set()

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, service: str, path: str, body: dict[str, Any], *shown: str) -> dict[str, Any]:
        """A command under a fresh key; raises Trouble with the problem's own words when it is refused."""
        answer = await self._client.post(
            self._url(service) + path, json=body, headers={"Idempotency-Key": str(uuid4())}
        )
        return self._told(service, "POST", path, answer, shown)

    async def get(self, service: str, path: str, *shown: str) -> dict[str, Any]:
        """A query."""
        return self._told(service, "GET", path, await self._client.get(self._url(service) + path), shown)

    async def mail(self, to: str, about: str) -> dict[str, Any]:
        """The next unread mail to an address whose text mentions `about`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            url = f"http://127.0.0.1:{self._settings.mail_port}/api/mails"
            found = (await self._client.get(url, params={"to": to})).json()["items"]
            for mail in found:
                if mail["message_id"] not in self._read and about in mail["text"]:
                    self._read.add(mail["message_id"])
                    self._teller.mail(to, mail["headers"].get("Content-Language", "?"), mail["subject"])
                    return dict(mail)
            await asyncio.sleep(0.05)
        raise Trouble(f"No mail to {to} about {about} within {PATIENCE_SECONDS:.0f} s; `aftercare logs notifications`.")

    def _url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._settings.port_of(service)}"

    def _told(
        self, service: str, method: str, path: str, answer: httpx.Response, shown: tuple[str, ...]
    ) -> dict[str, Any]:
        said: dict[str, Any] = answer.json()
        if answer.is_error:
            raise Trouble(f"{method} {path} was refused: {said.get('detail')} {said.get('errors') or ''}")
        told = {name: said.get(name) for name in shown}
        self._teller.command(service, method, path, answer.status_code, told)
        return said

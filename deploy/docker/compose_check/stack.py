"""The stack in containers, as the driver and the checker of `tests/faults` know a stack."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from aftercare_local import clock, tokens
from aftercare_local.home import Home
from compose_check.compose import SERVICES, Compose


class ContainerStack:
    """Addresses, commands and the clock; lives and dies with `Compose`."""

    services = SERVICES
    prefix = ""

    def __init__(self, compose: Compose, directory: Path) -> None:
        self._compose, self._home, self.directory = compose, Home(compose.state), directory
        self.client = httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=200))
        self.mail_port = compose.ports["MAIL"]
        self.bootstrap = f"127.0.0.1:{compose.ports['KAFKA']}"

    def topic(self, name: str) -> str:
        return name

    def group(self, service: str) -> str:
        return service

    def database_url(self, service: str) -> str:
        port = self._compose.ports["POSTGRES"]
        return f"postgresql://{service}:{self._compose.passwords[service]}@127.0.0.1:{port}/{service}"

    async def post(
        self, service: str, path: str, body: Any, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a command as staff; raises httpx.TransportError when the reply is lost."""
        own = {**self._staff(), "Idempotency-Key": key or str(uuid4()), **(headers or {})}
        return await self.client.post(self._url(service) + path, json=body, headers=own)

    async def get(self, service: str, path: str, **query: str) -> httpx.Response:
        """Ask as staff."""
        return await self.client.get(self._url(service) + path, params=query, headers=self._staff())

    def _url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._compose.ports[service.upper()]}"

    def _staff(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens.issue(self._home, 'staff')}"}

    @property
    def offset(self) -> timedelta:
        return timedelta(seconds=clock.offset(self._home))

    def now(self) -> datetime:
        """What the services take for the present."""
        return datetime.now(UTC) + self.offset

    async def advance(self, by: timedelta) -> None:
        clock.advance(self._home, f"{by.total_seconds():+.0f}s")

    async def delivered(self) -> int:
        """How many different mails have arrived."""
        answer = await self.client.get(f"http://127.0.0.1:{self.mail_port}/api/mails")
        return len({mail["message_id"] for mail in answer.json()["items"]})

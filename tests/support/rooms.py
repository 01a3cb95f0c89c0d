"""One service against a real database, its HTTP through ASGI, its events through the real delivery; no Kafka needed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from joserfc.jwk import ECKey
from tests.support.catalogue import offers, records
from tests.support.records import id_of, record_of
from tests.support.tokens import gate_for, signed_token, write_signing_key

from chassis.codec import Record, decode, headers_from_json
from chassis.database import Database, migrate, open_pool
from chassis.dead_letters import DeadLetterLimit
from chassis.deliver import Delivery
from chassis.http.app import build_app
from chassis.service import Service
from chassis.settings import Settings
from chassis.timers import TimerLoop
from event_schemas import CATALOGUE, Event
from event_schemas.activation_offers import OfferPublished

BUDGETS = ("_each", "_in_all")
"""How the names of settings end that limit what anybody may ask without a token."""
ENDLESS = 1_000_000
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class HandClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self._now = MORNING

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment

    def advance(self, by: timedelta) -> None:
        self._now += by


class DatabaseServer(Protocol):
    """What `open_room` needs of the `postgres` fixture."""

    def ensure_database(self, name: str, password: str) -> str: ...


@dataclass
class Room:
    """A service with its doors, ears and clock in the test's hands."""

    service: Service
    database: Database
    clock: HandClock
    client: httpx.AsyncClient
    key: ECKey
    url: str
    """Address of its database."""
    app: FastAPI
    """What the client talks to; for tests that come from another address or change a setting."""
    _offset: int = field(default=0)

    async def post(
        self,
        path: str,
        body: Any,
        *,
        key: str | None = None,
        scopes: Sequence[str] | None = None,
        language: str = "en",
        claims: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        """POST a command; unless given, under a fresh Idempotency-Key and with a token for every scope.

        `claims` are more claims for that token (`sub`, `organisation`, `contact`, `brand`); `token` replaces it.
        """
        headers = {**self._headers(scopes, language, claims, token), "Idempotency-Key": key or str(uuid4())}
        return await self.client.post(path, json=body, headers=headers)

    async def get(
        self,
        path: str,
        *,
        scopes: Sequence[str] | None = None,
        language: str = "en",
        claims: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        """GET with a token that has every scope unless some are named; `claims` and `token` as for `post`."""
        return await self.client.get(path, headers=self._headers(scopes, language, claims, token))

    async def hear(self, event: Event, event_id: UUID | None = None) -> UUID:
        """Deliver an event as Kafka would; give the id again to deliver it once more."""
        self._offset += 1
        record = record_of(event, self._offset, event_id=event_id, now=self.clock.now())
        await self.delivery().take([record])
        dead = await self.database.pool.fetchrow('SELECT message FROM dead_letter WHERE "offset" = $1', self._offset)
        assert dead is None, f"{event.TYPE} became a dead letter: {dead['message']}"
        return id_of(record)

    def delivery(self) -> Delivery:
        """A delivery of this service, for tests that bring their own records."""
        return Delivery(self.database, self.service.routes, DeadLetterLimit(1000), asyncio.Event())

    async def said(self) -> list[Event]:
        """The facts in the outbox since the last call, in order; they are taken out."""
        rows = await self.database.pool.fetch(
            "WITH gone AS (DELETE FROM outbox RETURNING *) SELECT * FROM gone ORDER BY id"
        )
        facts = []
        for row in rows:
            if row["topic"].endswith("-dlq"):
                continue  # a copy of what was heard, nothing that was said
            record = Record(row["topic"], 0, 0, row["msg_key"], headers_from_json(row["headers"]), row["payload"])
            incoming = decode(record, CATALOGUE)
            assert incoming is not None, f"{record.header('ce_type')} is not in the catalogue"
            facts.append(incoming.event)
        return facts

    async def fire_timers(self) -> int:
        """Let what is due by the room's clock go off."""
        return await TimerLoop(self.database, self.service.alarms).fire()

    def _headers(
        self,
        scopes: Sequence[str] | None,
        language: str,
        claims: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> dict[str, str]:
        token = token or signed_token(self.key, scopes, **(claims or {}))
        return {"Authorization": f"Bearer {token}", "Accept-Language": language}


@asynccontextmanager
async def open_room(service: Service, postgres: DatabaseServer, *, knows_catalogue: bool = True) -> AsyncIterator[Room]:
    """A fresh database for the service, migrated; everything is closed at the end.

    A service that hears of offers has heard what activation publishes at its first start, unless it is not to.
    """
    name = f"room_{service.name}_{uuid4().hex[:8]}"
    url = await asyncio.to_thread(postgres.ensure_database, name, "room-password")
    await asyncio.to_thread(migrate, url, service.package)
    pool = await open_pool(url, 20, name)
    clock, key = HandClock(), ECKey.generate_key("P-256", {"kid": "test"})
    database = Database(pool, clock, service.name, service.policy_version)
    app = build_app(service.name, service.package, service.routers)
    app.state.database, app.state.gate, app.state.wake = database, gate_for(key), asyncio.Event()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with TemporaryDirectory(prefix="aftercare-room-") as folder:
        app.state.settings = settings_of(service, url, key, Path(folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://room") as client:
            room = Room(service, database, clock, client, key, url, app)
            if knows_catalogue and OfferPublished.TYPE in service.routes.classes:
                await room.delivery().take(records(offers()))
            try:
                yield room
            finally:
                pool.terminate()


def settings_of(service: Service, url: str, key: ECKey, folder: Path) -> Settings:
    """What the service is told; one that signs tokens does so with the room's key, so that the room takes them.

    Whoever asks in a room has one address and a clock that stands still, so budgets of an address have no end there.
    """
    told: dict[str, Any] = {"database_url": url, "kafka": "127.0.0.1:9", "environment": "test", "data_dir": folder}
    told |= {name: ENDLESS for name in service.settings.model_fields if name.endswith(BUDGETS)}
    if "signing_key" in service.settings.model_fields:
        told["signing_key"] = folder / "signing.json"
        write_signing_key(key, told["signing_key"])
    return service.settings(**told)

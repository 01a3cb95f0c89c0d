"""Somebody who buys services with software, keys for it, and what is said of licences."""

from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from tests.support.rooms import Room

from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import LicenceIssued
from event_schemas.registration import CertificateRedeemed, ProductRegistered

from .asking import Person, at

BRAND, SOFTWARE = "d-link", "NUCLIAS-CONNECT"
SCOPES: Final = (
    "licences:read",
    "licences:write",
    "disputes:read",
    "disputes:write",
    "documents:read",
    "documents:write",
)
"""What an end customer may of all this."""
TABLES: Final = """
licences, licence_services, licence_keys, licence_history, releases, disputes, dispute_evidence
"""
WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
"""How many statements wait for a lock."""


async def cleared(room: Room) -> Room:
    """The room without licences, keys, releases and disputes, at noon of the day on which all begins."""
    await room.database.pool.execute(f"TRUNCATE {TABLES}")
    at(room, "2026-11-22")
    await room.said()
    return room


async def bought(
    person: Person, product: ProductRegistered | None = None, service: str = "DAS-A-36"
) -> tuple[ServiceActivated, list[LicenceIssued], CertificateRedeemed]:
    """A service that a redeemed unit has started, the licences that got their key, and the unit."""
    product = product or await person.product()
    unit = CertificateRedeemed.model_validate(
        product.model_dump(include={"brand", "product_id", "serial", "model", "customer_id"})
        | {"redemption_id": uuid4(), "certificate_id": uuid4(), "service_reference": service}
    )
    await person.room.hear(unit)
    said = await person.room.said()
    (activated,) = [fact for fact in said if isinstance(fact, ServiceActivated)]
    return activated, [fact for fact in said if isinstance(fact, LicenceIssued)], unit


async def load(room: Room, *keys: str, brand: str = BRAND, software: str = SOFTWARE, **more: Any) -> httpx.Response:
    """Send keys as staff do."""
    return await room.post("/licence-keys", {"brand": brand, "software": software, "keys": list(keys)}, **more)


async def loaded(room: Room, *keys: str, **more: Any) -> dict[str, Any]:
    """Load keys; what is answered."""
    answer = await load(room, *keys, **more)
    assert answer.status_code == 201, answer.text
    counts: dict[str, Any] = answer.json()
    return counts


async def release(room: Room, version: str, on: str, **more: Any) -> dict[str, Any]:
    """Load a version; what is answered."""
    place = {"download_url": f"https://downloads.example/{version}"}
    body = {"brand": BRAND, "software": SOFTWARE, "version": version, "released_on": on, **(more or place)}
    answer = await room.post("/software-releases", body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def get(person: Person, path: str) -> httpx.Response:
    """What an end customer is answered."""
    return await person.room.get(path, scopes=SCOPES, claims=person.claims)


async def post(person: Person, path: str, body: Any, **more: Any) -> httpx.Response:
    """What an end customer is answered to a command."""
    return await person.room.post(path, body, scopes=SCOPES, claims=person.claims, **more)


async def licences(person: Person, query: str = "") -> list[dict[str, Any]]:
    """The list as an end customer sees it."""
    answer = await get(person, f"/licences{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def licence_of(room: Room, activation_id: UUID) -> dict[str, Any]:
    """The one licence that a service maintains longest, as staff see it."""
    items = (await room.get("/licences?limit=200")).json()["items"]
    (found,) = [item for item in items if item["activation_id"] == str(activation_id)]
    answer = await room.get(f"/licences/{found['licence_id']}")
    shown: dict[str, Any] = answer.json()
    return shown


async def key_of(person: Person, licence_id: str) -> httpx.Response:
    """A look at a key."""
    return await post(person, f"/licences/{licence_id}/key", {})

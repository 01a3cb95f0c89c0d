"""Somebody who asks without a token from an address of their own, and what activation says of a service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from tests.support.rooms import MORNING, Room

from event_schemas.activation import EndReason, ServiceActivated, ServiceEnded, ServiceOperational
from event_schemas.registration import CertificateRedeemed

READY = MORNING + timedelta(days=2)
OUTSIDE = "203.0.113.7"
PROXY = "10.0.0.7"
Tell = Callable[..., None]
"""Sets what the environment tells the service."""


@dataclass
class Asker:
    """Asks without a token; `forwarded` are values of `X-Forwarded-For` in their order."""

    room: Room
    address: str = OUTSIDE
    forwarded: Sequence[str] = ()

    async def ask(self, method: str, path: str, *, language: str = "en", **about: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.room.app, client=(self.address, 50_000), raise_app_exceptions=False)
        headers = [("Accept-Language", language), *(("X-Forwarded-For", value) for value in self.forwarded)]
        async with httpx.AsyncClient(transport=transport, base_url="http://room") as client:
            return await client.request(method, path, headers=headers, **about)

    async def check(self, serial: str, *, language: str = "en", **query: str) -> httpx.Response:
        asked = {"brand": "dynabook", "serial": serial, **query}
        return await self.ask("GET", "/warranty-checks", language=language, params=asked)

    async def products(self, serial: str, **query: str) -> list[dict[str, Any]]:
        """The products of an answer that must be one."""
        answer = await self.check(serial, **query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["products"])


def story(redeemed: CertificateRedeemed) -> tuple[ServiceActivated, ServiceOperational, ServiceEnded]:
    """What activation says in the life of one service, in its order; it ends before its time."""
    service = {
        "brand": redeemed.brand,
        "activation_id": uuid4(),
        "product_id": redeemed.product_id,
        "serial": redeemed.serial,
        "service_reference": redeemed.service_reference,
        "service_name": "Pack Pro Connect 3 ans",
        "customer_id": redeemed.customer_id,
    }
    running = {**service, "response_level": "on-site", "operational_at": READY, "ends_on": "2029-11-21"}
    unit = {"redemption_id": redeemed.redemption_id}
    return (
        ServiceActivated(**running, **unit, activated_at=MORNING),
        ServiceOperational(**running),
        ServiceEnded(**service, **unit, ended_on="2026-12-24", reason=EndReason.TRANSFER),
    )

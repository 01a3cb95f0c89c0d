"""Messages that nobody can take: broken in every way that a stranger, or an old release, may break them."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from tests.faults.driver import BRAND, Driver
from tests.faults.outside import Poison, headers_of

TWO_MEGABYTES: Final = 2_000_000
AT: Final = "2026-11-22T09:00:00Z"


def of_service_centre() -> Iterator[Poison]:
    """What a repair centre may get wrong; the ticket does not even exist."""
    ticket = str(uuid4())
    good = {"brand": BRAND, "ticket_id": ticket, "received_at": AT}
    huge = {"brand": BRAND, "ticket_id": ticket, "accepted": False, "reason": "x" * TWO_MEGABYTES, "assessed_at": AT}
    received = "unit.received.v1"
    yield _poison("service-centre", received, b'{"brand": "dynabook", "ticket_id"', ("tickets",))
    yield _poison("service-centre", received, b"\xff\xfe\x00\x01", ("tickets",))
    yield _poison("service-centre", received, None, ("tickets",))
    yield _poison("service-centre", "unit.received.v9", _json(good), ("tickets",))
    yield _poison("service-centre", received, _json({**good, "received_at": [17], "ticket_id": 4}), ("tickets",))
    yield _poison("service-centre", received, _json(good), ("tickets",), event_id=None)
    yield _poison("service-centre", None, _json(good), ("tickets",))
    yield _poison("service-centre", "return.assessed.v1", _json(huge), ("tickets",))


def of_registration() -> Iterator[Poison]:
    """What must never stand on a service's own topic, and one that passes every check but the handler's."""
    redeemed = {
        "brand": "no-such-brand",
        "product_id": str(uuid4()),
        "redemption_id": str(uuid4()),
        "certificate_id": str(uuid4()),
        "service_reference": "X",
        "serial": "4H0000000X",
        "model": "X",
        "customer_id": str(uuid4()),
    }
    yield _poison("registration", "certificate.redeemed.v1", _json(redeemed), ("activation",))
    yield _poison("registration", "certificate.redeemed.v7", _json(redeemed), ("activation",))
    yield _poison("registration", "certificate.redeemed.v1", b"not json", ("activation",))
    yield _poison("registration", "certificate.redeemed.v1", _json(redeemed), ("activation",), event_id=None)
    yield _poison("registration", "product.registered.v1", b"[1, 2]", ("activation", "tickets", "notifications"))


async def poisoned(driver: Driver) -> None:
    """All of them, and a good message behind one, which has to keep its place."""
    for poison in (*of_service_centre(), *of_registration()):
        if set(poison.consumers) <= set(driver.stack.services):
            await driver.sender.poison(poison)
    ticket = str(uuid4())
    body = {"brand": BRAND, "ticket_id": ticket, "received_at": AT}
    await driver.sender.poison(_poison("service-centre", "unit.received.v1", b"{", ("tickets",), key=ticket))
    await driver.sender.say("unit.received.v1", ticket, body)


def _poison(
    topic: str,
    event_type: str | None,
    value: bytes | None,
    consumers: tuple[str, ...],
    *,
    event_id: str | None = "fresh",
    key: str | None = None,
) -> Poison:
    chosen = str(uuid4()) if event_id == "fresh" else event_id
    return Poison(topic, key or str(uuid4()), headers_of(event_type, chosen), value, consumers)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()

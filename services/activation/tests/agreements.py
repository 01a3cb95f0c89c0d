"""Products and contracts for tests: registered as registration tells them, opened as the gateway does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.support.rooms import Room

from activation_service.policy import BOOK, policy_of
from event_schemas import Event
from event_schemas.registration import ProductRegistered
from event_schemas.registration_cases import ProductTransferred

ON_SITE, MAIL_IN = "SPAC-ONSITE-36", "SPAC-MAILIN-12"
CUSTOMER = UUID("0199a3c4-7b10-7004-8a5e-4d1f6c2b0004")
BUYER = UUID("0199a3c4-7b10-7003-8a5e-4d1f6c2b0003")


def at(room: Room, day: str, time: str = "12:00", brand: str = "ibm") -> None:
    """Put the room's clock to a wall-clock time where the brand lives."""
    local = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=policy_of(brand).time_zone)
    room.clock.set(local.astimezone(UTC))


CHANGES = {
    "renewable_days_after = 0 ": "renewable_days_after = 20 ",
    'setup_days = "working"': 'setup_days = "calendar"',
}


def load_late_and_anew(folder: Path, brand: str = "d-link") -> None:
    """Let a brand whose contracts start anew when they are renewed late allow that for twenty days.

    Its set-up takes two days of the calendar, and the last of its services follows a product that is sold.
    """
    shipped = resources.files("activation_service") / "policies" / f"{brand}.toml"
    said = shipped.read_text(encoding="utf-8")
    for now, then in CHANGES.items():
        assert now in said
        said = said.replace(now, then)
    before, ends, after = said.rpartition('transfer = "ends"')
    (folder / "activation").mkdir()
    (folder / "activation" / f"{brand}.toml").write_text(before + ends.replace("ends", "follows") + after, "utf-8")
    BOOK.load(folder)


async def registered(room: Room, **changes: Any) -> ProductRegistered:
    """A product that registration has told of; an IBM server of one customer unless something else is said."""
    usual = {
        "brand": "ibm",
        "product_id": uuid4(),
        "serial": f"78{uuid4().int % 10**7:07}",
        "model": "9009-42A",
        "purchased_on": "2026-11-01",
        "warranty_ends_on": "2029-10-31",
        "customer_id": CUSTOMER,
    }
    fact = ProductRegistered.model_validate(usual | changes)
    await room.hear(fact)
    return fact


def transferred(product: ProductRegistered, buyer: UUID | None = BUYER, **changes: Any) -> ProductTransferred:
    """The fact that a product changes hands today."""
    usual = {
        "brand": product.brand,
        "product_id": product.product_id,
        "transfer_id": uuid4(),
        "serial": product.serial,
        "model": product.model,
        "kind": "sale" if buyer else "lease_return",
        "from_customer_id": product.customer_id,
        "to_customer_id": buyer,
        "transferred_on": date(2026, 11, 22),
        "last_billable_on": date(2026, 12, 22),
    }
    return ProductTransferred.model_validate(usual | changes)


def lines(*products: ProductRegistered, services: Sequence[str] = (MAIL_IN,)) -> list[dict[str, Any]]:
    """The same services on each product."""
    return [{"product_id": str(product.product_id), "service_references": list(services)} for product in products]


async def opened(room: Room, *products: ProductRegistered, services: Sequence[str] = (MAIL_IN,), **more: Any) -> Any:
    """A contract that covers products, as the answer shows it."""
    body = {"brand": products[0].brand, "lines": lines(*products, services=services), **more}
    answer = await room.post("/contracts", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def renewed(room: Room, contract: dict[str, Any], months: int | None = None, **more: Any) -> httpx.Response:
    """The answer to a renewal."""
    body = {} if months is None else {"months": months}
    return await room.post(f"/contracts/{contract['contract_id']}/renewal", body, **more)


async def shown(room: Room, contract: dict[str, Any]) -> Any:
    """A contract as it stands now."""
    return (await room.get(f"/contracts/{contract['contract_id']}")).json()


async def said(room: Room, *kinds: type[Event]) -> list[Any]:
    """What was said since the last time, of some kinds."""
    return [fact for fact in await room.said() if isinstance(fact, kinds or Event)]


def fault(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and pointer of a refusal."""
    told = answer.json()
    errors = told.get("errors") or [{}]
    return answer.status_code, told["code"], errors[0].get("pointer", "")

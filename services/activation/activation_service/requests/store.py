"""Every SQL statement about activation requests."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from activation_service.requests.domain import Item, Reason, State
from activation_service.sites.domain import Address, SiteRef
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_OWN: Final = (
    "item_id",
    "request_id",
    "position",
    "state",
    "service_reference",
    "product_id",
    "serial",
    "model",
    "customer_id",
    "terms_version",
    "purchased_on",
    "site_number",
    "site_country",
    "site_time_zone",
    "site_address",
    "product_address",
    "differences",
    "reason",
    "running",
    "redemption_id",
    "certificate_id",
    "activation_id",
    "settled_at",
    "reviewed_at",
    "reviewed_by",
    "review_reason",
)
_CHANGING: Final = _OWN[_OWN.index("differences") :]
_ADD_REQUEST: Final = """
INSERT INTO activation_requests (request_id, brand, owner, organisation_id, requested_at) VALUES ($1, $2, $3, $4, $5)
"""
_ADD: Final = f"""
INSERT INTO activation_items ({", ".join(_OWN)}) VALUES ({", ".join(f"${place + 1}" for place in range(len(_OWN)))})
"""
_UPDATE: Final = f"""
UPDATE activation_items SET state = $2, {", ".join(f"{name} = ${place + 3}" for place, name in enumerate(_CHANGING))}
WHERE item_id = $1
"""
_SELECT: Final = f"""
SELECT {", ".join(f"i.{name}" for name in _OWN)}, brand, owner, organisation_id, requested_at
FROM activation_items i JOIN activation_requests r USING (request_id)
"""
_SEEN: Final = f"($1::text IS NULL OR brand = $1) AND ({seen(2, 'r')} OR i.customer_id = $4)"
_ALL: Final = "activation_requests r"
# what others asked for is found by its items, so that neither table is read as a whole
_FIND: Final = """
SELECT request_id, brand, requested_at FROM activation_requests
WHERE request_id = coalesce((SELECT request_id FROM activation_items WHERE item_id = $1), $1)
"""
_THEIRS: Final = """(SELECT request_id FROM activation_requests WHERE owner = $2::text
    UNION SELECT request_id FROM activation_requests WHERE organisation_id = $3::uuid
    UNION SELECT request_id FROM activation_items WHERE customer_id = $4::uuid) AS theirs
  JOIN activation_requests r USING (request_id)"""
_PAGE: Final = f"""
SELECT request_id, brand, requested_at FROM {{found}}
WHERE ($1::text IS NULL OR brand = $1) AND ($5::text IS NULL OR brand = $5) AND EXISTS (
    SELECT FROM activation_items i WHERE i.request_id = r.request_id AND ({seen(2, "r")} OR i.customer_id = $4)
      AND ($6::text IS NULL OR state = $6) AND ($7::text IS NULL OR serial = $7))
  AND ($8::timestamptz IS NULL OR (requested_at, request_id) < ($8, $9::uuid))
ORDER BY requested_at DESC, request_id DESC LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What several items were asked for with."""

    request_id: UUID
    brand: str
    requested_at: datetime


async def add(tx: Tx, request: Request, owner: str, organisation_id: UUID | None, items: Sequence[Item]) -> None:
    """Keep a new request with its items."""
    await tx.execute(_ADD_REQUEST, request.request_id, request.brand, owner, organisation_id, request.requested_at)
    await tx.executemany(_ADD, [[row[name] for name in _OWN] for row in map(_row, items)])


async def update(tx: Tx, item: Item) -> None:
    """Write what became of a locked item."""
    row = _row(item)
    await tx.execute(_UPDATE, item.item_id, item.state, *(row[name] for name in _CHANGING))


async def lock(tx: Tx, item_id: UUID) -> Item | None:
    """An item, held until the transaction ends."""
    row = await tx.fetchrow(f"{_SELECT} WHERE item_id = $1 FOR UPDATE OF i", item_id)
    return _item(row) if row else None


async def lock_redeemed(tx: Tx, redemption_id: UUID) -> Item | None:
    """The item of a redeemed unit, held until the transaction ends."""
    row = await tx.fetchrow(f"{_SELECT} WHERE redemption_id = $1 FOR UPDATE OF i", redemption_id)
    return _item(row) if row else None


async def waiting_for(tx: Tx, product_id: UUID, service_reference: str) -> list[Item]:
    """The items that wait for an answer or a review of the same service on the same product, latest first."""
    where = "i.product_id = $1 AND i.service_reference = $2 AND state IN ('presented', 'held')"
    rows = await tx.fetch(f"{_SELECT} WHERE {where} ORDER BY requested_at DESC", product_id, service_reference)
    return [_item(row) for row in rows]


async def find(db: Pool | Tx, request_id: UUID) -> Request | None:
    """A request by its id or by that of an item, whoever asks: what may be seen of it are its items."""
    row = await db.fetchrow(_FIND, request_id)
    return Request(**row) if row else None


async def items(db: Pool | Tx, whose: Whose, request_ids: Sequence[UUID]) -> list[Item]:
    """What somebody may see of some requests: all of their own, of others' what is for their own products."""
    query = f"{_SELECT} WHERE {_SEEN} AND i.request_id = ANY($5::uuid[]) ORDER BY request_id, position"
    return [_item(row) for row in await db.fetch(query, *whose.arguments, request_ids)]


async def page(
    pool: Pool,
    whose: Whose,
    wanted: tuple[str | None, State | None, str | None],
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Request]:
    """Requests of which somebody may see something, newest first, at most `limit`.

    `wanted` are the brand, and the state and serial number that one of the items has to have.
    """
    everything = whose.owner is None and whose.organisation_id is None
    query = _PAGE.format(found=_ALL if everything else _THEIRS)
    rows = await pool.fetch(query, *whose.arguments, *wanted, *after, limit)
    return [Request(**row) for row in rows]


def _row(item: Item) -> dict[str, Any]:
    site = asdict(item.site) if item.site else {}
    told = {name: getattr(item, name, None) for name in _OWN}
    return told | {
        "site_number": site.get("number"),
        "site_country": site.get("country"),
        "site_time_zone": site.get("time_zone"),
        "site_address": item.site_address and item.site_address.model_dump_json(),
        "product_address": item.product_address and item.product_address.model_dump_json(),
        "reason": item.reason and orjson.dumps(asdict(item.reason), default=str).decode(),
        "running": item.running and orjson.dumps(item.running, default=str).decode(),
    }


def _item(row: asyncpg.Record) -> Item:
    told = dict(row)
    number, country, zone = (told.pop(f"site_{name}") for name in ("number", "country", "time_zone"))
    for name in ("site_address", "product_address"):
        told[name] = told[name] and Address.model_validate_json(told[name])
    item = Item(**{**told, "reason": None, "running": None, "differences": tuple(told["differences"])})
    return replace(
        item,
        site=SiteRef(number, country, zone) if number else None,
        reason=Reason(**orjson.loads(told["reason"])) if told["reason"] else None,
        running=orjson.loads(told["running"]) if told["running"] else None,
    )

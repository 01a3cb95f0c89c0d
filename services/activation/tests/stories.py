"""A product's whole life as registration tells it, and what is left of it: every table, every fact, by name.

Ids are the same in every run where registration makes them; those that activation makes are replaced by names.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from tests.support.rooms import Room
from uuid6 import uuid7

from event_schemas import Event
from event_schemas.registration import (
    CertificateRedeemed,
    CodeRefused,
    OrderConfirmed,
    ProductRegistered,
    RegistrationCancelled,
)
from event_schemas.registration_cases import MoveExecuted, ProductTransferred

from .asking import HERE, THERE, Person

NAMES: Final = UUID("0b5e61c2-44f7-5f3e-9a52-7a6a90f3c0de")
KEPT: Final = ("offers", "offer_", "_yoyo", "yoyo", "outbox", "inbox", "idempotency")
"""Beginnings of tables that are no part of the outcome: the catalogue, and how messages travel."""
UNSTEADY: Final = {"number", "causation_id", "correlation_id", "folded_text"}
"""Columns that count up, or that tell how a message travelled."""
UUIDS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NUMBERS: Final = re.compile(r"\b(IB-\d{4}-\d{6}|S-[0-9A-Z]{4}-[0-9A-Z]{4})\b")
MODEL, SERIAL = "9009-42A", "7812345"
OFFERS: Final = {
    "GOES-ON-24": {"transfer": "follows", "software": [{"reference": "AIX-ANY", "name": "AIX"}], "code_days": 90},
    "ENDS-24": {"transfer": "ends"},
    "BENELUX-24": {"transfer": "follows", "countries": ["BE", "LU", "NL"]},
}
KNOWN: Final[dict[str, str]] = {}
"""What registration's ids are called."""


def named(what: str) -> UUID:
    """The id that registration gave to something, the same in every run."""
    one = uuid5(NAMES, what)
    KNOWN[str(one)] = f"<{what}>"
    return one


PRODUCT, ANNA, BERT, CARLA = (named(one) for one in ("product", "anna", "bert", "carla"))
_OF: Final = {"brand": "ibm", "product_id": PRODUCT, "serial": SERIAL}


def redeemed(unit: str, offer: str, request_id: UUID | None = None) -> CertificateRedeemed:
    ids = {"redemption_id": named(unit), "certificate_id": named(f"certificate of {unit}"), "request_id": request_id}
    told = _OF | ids | {"service_reference": offer, "model": MODEL, "customer_id": ANNA}
    return CertificateRedeemed.model_validate(told)


def cancelled(unit: CertificateRedeemed) -> RegistrationCancelled:
    told = unit.model_dump(include=set(RegistrationCancelled.model_fields))
    return RegistrationCancelled.model_validate(told | {"reason": "customer_request"})


def sold(number: int, seller: UUID, buyer: UUID, units: Iterable[str]) -> ProductTransferred:
    return ProductTransferred.model_validate(
        _OF
        | {
            "transfer_id": named(f"sale {number}"),
            "model": MODEL,
            "kind": "sale",
            "from_customer_id": seller,
            "to_customer_id": buyer,
            "transferred_on": "2026-11-22",
            "last_billable_on": "2026-12-22",
            "redemption_ids": [named(unit) for unit in units],
            "registered_by": f"dealer {number}",
        }
    )


def moved(mover: UUID) -> MoveExecuted:
    told = {"move_id": named("move"), "model": MODEL, "customer_id": mover, "executed_on": "2026-11-22"}
    return MoveExecuted.model_validate(_OF | told | {"from_country": "BE", "to_country": "FR"})


def registered() -> ProductRegistered:
    days = {"purchased_on": "2026-11-01", "warranty_ends_on": "2027-10-31"}
    told = {"model": MODEL, "customer_id": ANNA, "registered_by": "dealer 0"}
    return ProductRegistered.model_validate(_OF | days | told)


def ordered(unit: str) -> OrderConfirmed:
    ids = {"order_id": named("order"), "certificate_id": named(f"certificate of {unit}"), "buyer_id": named("buyer")}
    told = {"case_number": "C-1", "service_reference": "GOES-ON-24", "service_name": "Goes on", "quantity": 2}
    days = {"purchased_on": "2026-11-20", "usable_until": "2027-02-18"}
    return OrderConfirmed.model_validate({"brand": "ibm"} | days | ids | told)


@dataclass
class Story:
    """Facts in the order in which registration says them, each with the id under which it says it."""

    room: Room
    facts: Sequence[Event]
    request: dict[str, Any]
    ids: list[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = [uuid7() for _ in self.facts]

    async def hear(self, places: Iterable[int]) -> None:
        """Facts in some order; one that was heard before is told again to somebody who has forgotten it."""
        for place in places:
            await self.room.database.pool.execute("DELETE FROM inbox")
            await self.room.hear(self.facts[place], self.ids[place])

    async def names(self) -> dict[str, str]:
        """What to call each id."""
        names = {str(one): f"fact {place}" for place, one in enumerate(self.ids)}
        names |= {str(item["item_id"]): f"item {item['position']}" for item in self.request["items"]}
        names |= {self.request["request_id"]: "the request"}
        pool = self.room.database.pool
        for row in await pool.fetch("SELECT activation_id, redemption_id FROM activations"):
            names[str(row["activation_id"])] = f"service of {row['redemption_id']}"
        for row in await pool.fetch(
            "SELECT c.contract_id, c.customer_id, string_agg(redemption_id::text, ' ' ORDER BY redemption_id) AS lines "
            "FROM contracts c LEFT JOIN contract_lines USING (contract_id) LEFT JOIN activations USING (activation_id) "
            "GROUP BY 1, 2"
        ):
            names[str(row["contract_id"])] = f"contract of {row['customer_id']} for {row['lines']}"
        return names


async def begin(room: Room) -> Story:
    """An empty room, in which Anna has asked for three services for her product; it is forgotten again."""
    await _empty(room)
    anna = Person(room, "anna", ANNA)
    await room.hear(registered())
    await anna.site(brand="ibm")
    body = {"brand": "ibm", "software": "AIX-ANY", "keys": ["AAAA-1111"]}
    assert (await room.post("/licence-keys", body)).status_code in (200, 201)
    product = registered()
    items = [
        anna.item(product, service_reference="ENDS-24", product_address=HERE),
        anna.item(product, service_reference="SPAC-ONSITE-36", product_address=THERE),
        anna.item(product, service_reference="SPAC-MAILIN-12", product_address=HERE),
    ]
    request = await anna.ask(*items, brand="ibm")
    assert [item["state"] for item in request["items"]] == ["presented"] * 3, request
    await room.database.pool.execute("DELETE FROM products")
    await room.database.pool.execute(
        "DELETE FROM holders"
    )  # as where a service was added to others that had run for years
    await room.said()
    return Story(room, _facts([UUID(item["item_id"]) for item in request["items"]]), request)


def _facts(items: Sequence[UUID]) -> list[Event]:
    lost = redeemed("lost", "BENELUX-24")
    held = redeemed("held", "SPAC-ONSITE-36", items[1])
    told = {"request_id": items[2], "service_reference": "SPAC-MAILIN-12", "customer_id": ANNA, "reason": "used_up"}
    return [
        ordered("goes on"),
        registered(),
        redeemed("goes on", "GOES-ON-24"),
        redeemed("ends", "ENDS-24", items[0]),
        redeemed("benelux", "BENELUX-24"),
        held,
        lost,
        cancelled(lost),
        CodeRefused.model_validate(_OF | told),
        sold(1, ANNA, BERT, ["goes on", "ends", "benelux", "held"]),
        sold(2, BERT, CARLA, ["goes on", "benelux", "held"]),
        moved(CARLA),
    ]


async def outcome(story: Story) -> dict[str, list[str]]:
    """Every row of every table and every fact, named and sorted, but for what is about the unit that was lost."""
    names, facts = await story.names(), await story.room.said()
    left: dict[str, list[str]] = {}
    for table in await _tables(story.room):
        rows = await story.room.database.pool.fetch(f"SELECT * FROM {table}")
        left[table] = [json.dumps(dict(row), default=str, sort_keys=True) for row in rows]
    for fact in facts:
        left.setdefault(fact.TYPE, []).append(fact.model_dump_json())
    told = {what: sorted(_named(text, names) for text in texts) for what, texts in left.items()}
    return {what: kept for what, texts in told.items() if (kept := [one for one in texts if "<lost>" not in one])}


async def left_of_the_lost(room: Room) -> list[str]:
    """What still runs of the unit that was taken back; its order decides whether it ever did."""
    live = "SELECT state FROM activations WHERE redemption_id = $1 AND state <> 'cancelled'"
    timed = "SELECT kind FROM timer JOIN activations ON subject = activation_id::text WHERE redemption_id = $1"
    lines = "SELECT added_on FROM contract_lines JOIN activations USING (activation_id) WHERE redemption_id = $1 "
    queries = live, timed, lines + "AND NOT cancelled"
    return [str(row[0]) for query in queries for row in await room.database.pool.fetch(query, named("lost"))]


def _named(text: str, names: Mapping[str, str]) -> str:
    """Ids by their names, those of others away; twice, since names have ids in them."""
    text = json.dumps({name: value for name, value in json.loads(text).items() if name not in UNSTEADY}, sort_keys=True)
    for _ in range(2):
        text = UUIDS.sub(lambda found: names.get(found[0]) or KNOWN.get(found[0], "<id>"), text)
    return NUMBERS.sub("<number>", text)


async def _empty(room: Room) -> None:
    """Rows that name others go before those."""
    named_by = "SELECT confrelid::regclass::text AS parent FROM pg_constraint WHERE contype = 'f'"
    parents = {row["parent"] for row in await room.database.pool.fetch(named_by)}
    tables = await _tables(room, also=("outbox", "inbox", "idempotency"))
    for table in sorted(tables, key=lambda table: table in parents):
        await room.database.pool.execute(f"DELETE FROM {table}")


async def _tables(room: Room, also: Sequence[str] = ()) -> list[str]:
    rows = await room.database.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [row["tablename"] for row in rows if row["tablename"] in also or not row["tablename"].startswith(KEPT)]

"""Every SQL statement about contracts, but for those of their pages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any, Final
from uuid import UUID

from activation_service.contracts.domain import MOST_LINES, Contract, Line
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

COLUMNS: Final = ", ".join(field.name for field in fields(Contract))
LINE_COLUMNS: Final = ", ".join(field.name for field in fields(Line))
SEEN: Final = f"($1::text IS NULL OR c.brand = $1) AND ({seen(2, 'c')} OR c.customer_id = $4)"
"""With `Whose.arguments` as the first four arguments."""
_LINE_PLACES: Final = ", ".join(f"${place + 1}" for place in range(len(fields(Line))))
_PLACES: Final = ", ".join(f"${place + 1}" for place in range(len(fields(Contract))))
_CHANGEABLE: Final = (
    "starts_on",
    "ends_on",
    "state",
    "terminated_by",
    "termination_reason",
    "noticed_on",
    "last_billable_on",
    "reminded_days",
)
_PUT: Final = f"""
INSERT INTO contracts ({COLUMNS}) VALUES ({_PLACES})
ON CONFLICT (contract_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _CHANGEABLE)}
"""
_JOINABLE: Final = f"""
SELECT {COLUMNS} FROM contracts c
WHERE certificate_id IS NOT DISTINCT FROM $1 AND follows_contract_id IS NOT DISTINCT FROM $2 AND customer_id = $3
  AND owner = $4 AND organisation_id IS NOT DISTINCT FROM $5 AND opened_on = $6 AND ends_on = $7
  AND state = 'active' AND last_billable_on IS NULL
  AND (SELECT count(*) FROM contract_lines l WHERE l.contract_id = c.contract_id) < {MOST_LINES}
ORDER BY opened_at, contract_id LIMIT 1 FOR UPDATE OF c
"""
_NOTE: Final = """
INSERT INTO contract_history (contract_id, happened_at, what, by, detail) VALUES ($1, $2, $3, $4, $5::jsonb)
"""


async def hold(tx: Tx, *parts: UUID) -> None:
    """One at a time of those who look for a contract to join and open one when there is none."""
    # seed 12: others lock with 0 (keys of commands), 2 (products), 3 (catalogues), 9 to 11 (licence keys, codes, sites)
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 12))", "/".join(map(str, parts)))


async def joinable(tx: Tx, like: Contract) -> Contract | None:
    """A running contract, locked, with the origin, the customer, the file and the days of this one and room left."""
    row = await tx.fetchrow(
        _JOINABLE,
        like.certificate_id,
        like.follows_contract_id,
        like.customer_id,
        like.owner,
        like.organisation_id,
        like.opened_on,
        like.ends_on,
    )
    return Contract(**row) if row else None


async def next_number(tx: Tx) -> int:
    """A number that no contract has yet."""
    number: int = await tx.fetchval("SELECT nextval('contract_numbers')")
    return number


async def put(tx: Tx, contract: Contract) -> None:
    """Write a new contract, or what became of a locked one."""
    await tx.execute(_PUT, *asdict(contract).values())


async def lock(tx: Tx, contract_id: UUID, whose: Whose) -> Contract | None:
    """A contract that somebody may see, held until the transaction ends."""
    query = f"SELECT {COLUMNS} FROM contracts c WHERE {SEEN} AND contract_id = $5 FOR UPDATE"
    row = await tx.fetchrow(query, *whose.arguments, contract_id)
    return Contract(**row) if row else None


async def lock_unless_held(tx: Tx, contract_id: UUID) -> Contract | None:
    """A contract, held; None when somebody else holds it at this moment."""
    query = f"SELECT {COLUMNS} FROM contracts WHERE contract_id = $1 FOR UPDATE SKIP LOCKED"
    row = await tx.fetchrow(query, contract_id)
    return Contract(**row) if row else None


async def find(db: Pool | Tx, contract_id: UUID, whose: Whose) -> Contract | None:
    """A contract as far as somebody may see it."""
    query = f"SELECT {COLUMNS} FROM contracts c WHERE {SEEN} AND contract_id = $5"
    row = await db.fetchrow(query, *whose.arguments, contract_id)
    return Contract(**row) if row else None


async def add_lines(tx: Tx, lines: Sequence[Line]) -> None:
    """Write new lines."""
    query = f"INSERT INTO contract_lines ({LINE_COLUMNS}) VALUES ({_LINE_PLACES})"
    await tx.executemany(query, [tuple(asdict(line).values()) for line in lines])


async def line_of(tx: Tx, activation_id: UUID) -> Line | None:
    """The line of a service, in the latest contract that has or had it; None when no contract did."""
    query = f"SELECT {LINE_COLUMNS} FROM contract_lines WHERE activation_id = $1 ORDER BY number DESC LIMIT 1"
    row = await tx.fetchrow(query, activation_id)
    return Line(**row) if row else None


async def lines_of(db: Pool | Tx, contract_id: UUID) -> list[Line]:
    """Every line that a contract has had, oldest first, those that went out included."""
    query = f"SELECT {LINE_COLUMNS} FROM contract_lines WHERE contract_id = $1 ORDER BY number"
    return [Line(**row) for row in await db.fetch(query, contract_id)]


async def has_lines(tx: Tx, contract_id: UUID) -> bool:
    """Whether a contract has had any."""
    found: bool = await tx.fetchval("SELECT EXISTS (SELECT FROM contract_lines WHERE contract_id = $1)", contract_id)
    return found


async def remove_line(tx: Tx, line: Line, removed_on: date, *, cancelled: bool) -> None:
    """Write the last billable day of a line."""
    await tx.execute(
        "UPDATE contract_lines SET removed_on = $3, cancelled = cancelled OR $4 "
        "WHERE activation_id = $1 AND contract_id = $2",
        line.activation_id,
        line.contract_id,
        removed_on,
        cancelled,
    )


async def note(tx: Tx, contract_id: UUID, what: str, by: str, detail: Mapping[str, Any]) -> None:
    """A line in a contract's history."""
    await tx.execute(_NOTE, contract_id, tx.now, what, by, json.dumps(detail, default=str))


async def adopt(tx: Tx, product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None) -> None:
    """A customer's contracts for a product that were nobody's file are this owner's, but for those by command."""
    await tx.execute(
        "UPDATE contracts SET owner = $3, organisation_id = $4 "
        "WHERE customer_id = $2 AND owner = '' AND organisation_id IS NULL "
        "AND (certificate_id IS NOT NULL OR follows_contract_id IS NOT NULL) "
        "AND contract_id IN (SELECT contract_id FROM contract_lines WHERE product_id = $1)",
        product_id,
        customer_id,
        owner,
        organisation_id,
    )

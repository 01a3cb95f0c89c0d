"""Every SQL statement about lists of contracts, their lines and their history."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from activation_service.contracts.domain import Contract, State
from activation_service.contracts.store import COLUMNS, SEEN
from chassis.caller import Whose
from chassis.database import Pool, Tx

# a model asked for is the whole one, or the machine type: what stands before its first dash
_MODEL: Final = "(l.model = {0} OR split_part(l.model, '-', 1) = {0})"
_LINE: Final = "activation_id, product_id, serial, model, service_reference, added_on, removed_on"
_PAGE: Final = f"""
SELECT {COLUMNS} FROM contracts c
WHERE {SEEN} AND ($5::text IS NULL OR c.brand = $5) AND ($6::text IS NULL OR c.number = $6)
  AND ($7::uuid IS NULL OR c.customer_id = $7) AND ($8::text IS NULL OR c.state = $8)
  AND ($9::date IS NULL OR least(c.ends_on, c.last_billable_on) < $9)
  AND (($10::text IS NULL AND $11::text IS NULL) OR c.contract_id IN (
    SELECT l.contract_id FROM contract_lines l
    WHERE NOT l.cancelled AND ($10 IS NULL OR l.serial = $10) AND ($11 IS NULL OR {_MODEL.format("$11")})))
  AND ($12::timestamptz IS NULL OR (c.opened_at, c.contract_id) < ($12, $13::uuid))
ORDER BY c.opened_at DESC, c.contract_id DESC LIMIT $14
"""
_LINES: Final = f"""
SELECT {_LINE} FROM contract_lines l
WHERE contract_id = $1 AND NOT cancelled AND ($2::text IS NULL OR serial = $2)
  AND ($3::text IS NULL OR {_MODEL.format("$3")})
  AND ($4::date IS NULL OR (added_on <= $4 AND (removed_on IS NULL OR removed_on >= $4)))
  AND ($5::uuid IS NULL OR activation_id > $5)
ORDER BY activation_id LIMIT $6
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which contracts are asked for; None for any."""

    brand: str | None
    number: str | None
    customer_id: UUID | None
    state: State | None
    ends_before: date | None
    serial: str | None
    """Canonical, as is the model."""
    model: str | None


async def page(
    pool: Pool, whose: Whose, asked: Asked, after: tuple[datetime | None, UUID | None], limit: int
) -> list[Contract]:
    """Contracts that somebody may see, newest first, at most so many."""
    about = asked.brand, asked.number, asked.customer_id, asked.state, asked.ends_before, asked.serial, asked.model
    return [Contract(**row) for row in await pool.fetch(_PAGE, *whose.arguments, *about, *after, limit)]


async def lines(
    pool: Pool, contract_id: UUID, asked: tuple[str | None, str | None, date | None], after: UUID | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Lines of a contract in the order in which their services started; `asked` is serial, model, covered on a day."""
    return await pool.fetch(_LINES, contract_id, *asked, after, limit)


async def first_lines(db: Pool | Tx, contract_id: UUID, limit: int) -> tuple[Sequence[asyncpg.Record], int]:
    """The first lines of a contract, and how many there are, but for what came in by mistake."""
    rows = await db.fetch(_LINES, contract_id, None, None, None, None, limit)
    count = await db.fetchval(
        "SELECT count(*) FROM contract_lines WHERE contract_id = $1 AND NOT cancelled", contract_id
    )
    return rows, count


async def history(db: Pool | Tx, contract_id: UUID, limit: int) -> list[dict[str, Any]]:
    """The latest lines of a contract's history, oldest first."""
    rows = await db.fetch(
        "SELECT happened_at, what, by, detail FROM contract_history WHERE contract_id = $1 "
        "ORDER BY number DESC LIMIT $2",
        contract_id,
        limit,
    )
    return [{**row, "detail": json.loads(row["detail"])} for row in reversed(rows)]

"""Every SQL statement about orders, certificates and the ledger of units."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from uuid6 import uuid7

from chassis.database import Pool, Tx
from registration_service.certificates.domain import Certificate, Order, Unit

_CONFIRM: Final = """
INSERT INTO orders (order_id, brand, case_number, service_reference, quantity, buyer_id, confirmed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (brand, case_number) DO NOTHING RETURNING order_id
"""
_ISSUE: Final = """
INSERT INTO certificates (certificate_id, order_id, brand, number, service_reference, quantity, units_left, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (number) DO NOTHING RETURNING certificate_id
"""
_BEHIND: Final = """
SELECT certificate_id, brand, service_reference, quantity FROM certificates WHERE number = $1 AND brand = $2
"""
# Balance and entry move in one statement: neither can change without the other. Outside its bounds nothing moves.
_MOVE: Final = """
WITH moved AS (
  UPDATE certificates SET units_left = units_left + $4
  WHERE certificate_id = $1 AND units_left + $4 BETWEEN 0 AND quantity RETURNING units_left
), entered AS (
  INSERT INTO entries (certificate_id, redemption_id, customer_id, change, serial, entry_id, entered_at)
  SELECT $1, $2, $3, $4, $5, $6, $7 FROM moved
)
SELECT units_left FROM moved
"""
_FORM: Final = """
SELECT c.brand, c.number, c.service_reference, c.quantity, c.units_left, o.case_number
FROM certificates c JOIN orders o USING (order_id) WHERE c.number = $1 AND c.units_left > 0
"""
_BALANCE: Final = "SELECT quantity, units_left FROM certificates WHERE certificate_id = $1"
_ENTRIES: Final = """
SELECT entry_id, redemption_id, customer_id, serial, change, entered_at FROM entries
WHERE certificate_id = $1 AND ($2::timestamptz IS NULL OR (entered_at, entry_id) > ($2, $3::uuid))
ORDER BY entered_at, entry_id LIMIT $4
"""


async def confirm(tx: Tx, order: Order) -> bool:
    """Write an order; False when the brand has one with this case number."""
    row = await tx.fetchval(
        _CONFIRM,
        order.order_id,
        order.brand,
        order.case_number,
        order.service_reference,
        order.quantity,
        order.buyer_id,
        tx.now,
    )
    return row is not None


async def issue(tx: Tx, order: Order, number: str) -> bool:
    """Write the certificate of an order; False when the number is taken."""
    row = await tx.fetchval(
        _ISSUE,
        order.certificate_id,
        order.order_id,
        order.brand,
        number,
        order.service_reference,
        order.quantity,
        tx.now,
    )
    return row is not None


async def behind(tx: Tx, number: str, brand: str) -> Certificate | None:
    """The certificate with this number; only what never changes of it, so nothing is locked."""
    row = await tx.fetchrow(_BEHIND, number, brand)
    return Certificate(**row) if row else None


async def move(tx: Tx, unit: Unit, change: int) -> int | None:
    """Take (-1) or give back (+1) one unit and lock the certificate; returns units left, None when none moved."""
    left: int | None = await tx.fetchval(
        _MOVE, unit.certificate_id, unit.redemption_id, unit.customer_id, change, unit.serial, uuid7(), tx.now
    )
    return left


async def form(pool: Pool, number: str) -> asyncpg.Record | None:
    """What pre-fills the form of a certificate with units left."""
    return await pool.fetchrow(_FORM, number)


async def balance(pool: Pool, certificate_id: UUID) -> asyncpg.Record | None:
    """Quantity and units left."""
    return await pool.fetchrow(_BALANCE, certificate_id)


async def entries(
    pool: Pool, certificate_id: UUID, after: tuple[datetime | None, UUID | None], limit: int
) -> list[Any]:
    """Lines of the ledger, oldest first."""
    return await pool.fetch(_ENTRIES, certificate_id, *after, limit)

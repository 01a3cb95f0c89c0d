"""Every SQL statement about orders, certificates and the ledger of units."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from uuid6 import uuid7

from chassis.caller import Caller, Whose, seen
from chassis.database import Pool, Tx
from registration_service.certificates.domain import Certificate, Order, Unit, certificate_in

_CONFIRM: Final = """
INSERT INTO orders (order_id, brand, case_number, service_reference, quantity, buyer_id, confirmed_at, owner,
  organisation_id, purchased_on, usable_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (brand, case_number) DO NOTHING RETURNING order_id
"""
_ISSUE: Final = """
INSERT INTO certificates (certificate_id, order_id, brand, number, service_reference, quantity, units_left, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (number) DO NOTHING RETURNING certificate_id
"""
_CERTIFICATE: Final = """
SELECT certificate_id, c.brand, c.service_reference, c.quantity, purchased_on, usable_until, confirmed_at
FROM certificates c JOIN orders USING (order_id)
"""
_LOCK: Final = """
SELECT FROM certificates WHERE certificate_id = ANY($1::uuid[]) ORDER BY number COLLATE "C" FOR NO KEY UPDATE
"""
# Balance and entry move in one statement: neither can change without the other. Outside its bounds nothing moves.
_MOVE: Final = """
WITH moved AS (
  UPDATE certificates SET units_left = units_left + $4
  WHERE certificate_id = $1 AND units_left + $4 BETWEEN 0 AND quantity RETURNING units_left
), entered AS (
  INSERT INTO entries
    (certificate_id, redemption_id, customer_id, change, serial, entry_id, entered_at, entered_by, reason)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM moved
)
SELECT units_left FROM moved
"""
_FORM: Final = """
SELECT c.brand, c.number, certificate_id, c.service_reference, c.quantity, c.units_left, o.case_number,
  o.purchased_on, o.usable_until, o.confirmed_at
FROM certificates c JOIN orders o USING (order_id) WHERE c.number = $1 AND c.units_left > 0
"""
_SEEN: Final = f"($1::text IS NULL OR o.brand = $1) AND ({seen(2, 'o')} OR o.buyer_id = $4)"
_LIST: Final = f"""
SELECT c.certificate_id, o.order_id, o.brand, o.case_number, o.service_reference, c.quantity, c.units_left, o.buyer_id,
  o.purchased_on, o.usable_until, o.confirmed_at
FROM orders o JOIN certificates c USING (order_id)
WHERE ($5::text IS NULL OR o.brand = $5)
  AND ($6::timestamptz IS NULL OR (o.confirmed_at, o.order_id) < ($6, $7::uuid)) AND {_SEEN}
ORDER BY o.confirmed_at DESC, o.order_id DESC LIMIT $8
"""
_BALANCE: Final = f"""
SELECT c.quantity, c.units_left FROM certificates c JOIN orders o USING (order_id)
WHERE c.certificate_id = $5 AND {_SEEN}
"""
_CODES: Final = f"""
SELECT o.case_number, c.service_reference, c.number, c.quantity, c.units_left
FROM orders o JOIN certificates c USING (order_id) WHERE o.brand = $5 AND o.case_number = ANY($6::text[]) AND {_SEEN}
"""
_CODE_FILE: Final = """
INSERT INTO code_files (code_file_id, brand, recipient_id, case_numbers, owner, organisation_id, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_ENTRIES: Final = """
SELECT entry_id, redemption_id, customer_id, serial, change, entered_at, entered_by, reason FROM entries
WHERE certificate_id = $1 AND ($2::timestamptz IS NULL OR (entered_at, entry_id) > ($2, $3::uuid))
ORDER BY entered_at, entry_id LIMIT $4
"""

_SET_ASIDE: Final = """
UPDATE certificates SET units_left = greatest(units_left - $3, 0) WHERE brand = $1 AND number = $2
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
        order.owner,
        order.organisation_id,
        order.purchased_on,
        order.usable_until,
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
    row = await tx.fetchrow(f"{_CERTIFICATE} WHERE number = $1 AND c.brand = $2", number, brand)
    return certificate_in(row) if row else None


async def of(tx: Tx, certificate_id: UUID) -> Certificate:
    """A certificate that exists, not locked."""
    row = await tx.fetchrow(f"{_CERTIFICATE} WHERE certificate_id = $1", certificate_id)
    assert row is not None  # certificates are never deleted
    return certificate_in(row)


async def lock(tx: Tx, certificate_ids: Sequence[UUID]) -> None:
    """Hold some certificates until the transaction ends."""
    await tx.execute(_LOCK, certificate_ids)


async def move(tx: Tx, unit: Unit, change: int) -> int | None:
    """Take (-1) or give back (+1) one unit and lock the certificate; returns units left, None when none moved."""
    left: int | None = await tx.fetchval(
        _MOVE,
        unit.certificate_id,
        unit.redemption_id,
        unit.customer_id,
        change,
        unit.serial,
        uuid7(),
        tx.now,
        unit.by,
        unit.reason,
    )
    return left


async def form(pool: Pool, number: str) -> asyncpg.Record | None:
    """What pre-fills the form of a certificate with units left."""
    return await pool.fetchrow(_FORM, number)


async def page(
    pool: Pool, whose: Whose, brand: str | None, before: tuple[datetime | None, UUID | None], limit: int
) -> list[Any]:
    """Certificates of orders that may be seen, newest first, without their numbers."""
    return await pool.fetch(_LIST, *whose.arguments, brand, *before, limit)


async def codes(tx: Tx, whose: Whose, brand: str, case_numbers: Sequence[str]) -> list[asyncpg.Record]:
    """The certificates with their numbers of those of these orders that may be seen."""
    return await tx.fetch(_CODES, *whose.arguments, brand, case_numbers)


async def keep_code_file(
    tx: Tx, code_file_id: UUID, brand: str, recipient_id: UUID, case_numbers: Sequence[str], by: Caller
) -> None:
    """Write who was sent the numbers of which orders, and by whom; not the numbers."""
    await tx.execute(_CODE_FILE, code_file_id, brand, recipient_id, case_numbers, by.owner, by.organisation, tx.now)


async def balance(pool: Pool, whose: Whose, certificate_id: UUID) -> asyncpg.Record | None:
    """Quantity and units left of a certificate whose order may be seen."""
    return await pool.fetchrow(_BALANCE, *whose.arguments, certificate_id)


async def entries(
    pool: Pool, certificate_id: UUID, after: tuple[datetime | None, UUID | None], limit: int
) -> list[Any]:
    """Lines of the ledger, oldest first."""
    return await pool.fetch(_ENTRIES, certificate_id, *after, limit)


async def issued(tx: Tx, brand: str, numbers: Sequence[str]) -> list[str]:
    """Which of these numbers the brand's certificates have."""
    rows = await tx.fetch("SELECT number FROM certificates WHERE number = ANY($1) AND brand = $2", numbers, brand)
    return [row["number"] for row in rows]


async def set_aside(tx: Tx, brand: str, number: str, units: int) -> None:
    """Show fewer units left than the entries say, for the rest of a transaction that is rolled back."""
    await tx.execute(_SET_ASIDE, brand, number, units)

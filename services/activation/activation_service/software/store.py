"""Every SQL statement about licences and the services that maintain them."""

from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from activation_service.software.domain import Licence, Side
from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_COLUMNS: Final = """licence_id, brand, software, software_name, product_id, serial, model, customer_id, owner,
  organisation_id, activation_id, maintained_until, created_at, issued_at, lapsed_on, revoked_at"""
_SEEN: Final = f"($1::text IS NULL OR brand = $1) AND ({seen(2)} OR customer_id = $4)"
_FIND: Final = f"SELECT {_COLUMNS} FROM licences WHERE licence_id = $5 AND {_SEEN}"
_PAGE: Final = f"""
SELECT {_COLUMNS} FROM licences
WHERE {_SEEN} AND ($5::text IS NULL OR brand = $5) AND ($6::text IS NULL OR serial = $6)
  AND ($7::text IS NULL OR software = $7) AND ($8::timestamptz IS NULL OR (created_at, licence_id) < ($8, $9::uuid))
  AND ($10::text IS NULL OR $10 = CASE
    WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN issued_at IS NULL THEN 'awaiting_key' ELSE 'issued' END)
ORDER BY created_at DESC, licence_id DESC LIMIT $11
"""
_ADD: Final = f"""
INSERT INTO licences ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
_CONTINUED: Final = """
SELECT licence_id FROM licences
WHERE product_id = $1 AND customer_id = $2 AND software = $3 AND revoked_at IS NULL AND maintained_until >= $4
ORDER BY maintained_until DESC, licence_id DESC LIMIT 1
"""
_TERMS: Final = """
SELECT s.activation_id, greatest(s.until, l.reinstated_until) AS until
FROM licence_services s JOIN licences l USING (licence_id)
WHERE licence_id = $1 ORDER BY s.until DESC, s.activation_id DESC
"""
_SERVED: Final = """
INSERT INTO licence_services (activation_id, licence_id, until) VALUES ($1, $2, $3)
ON CONFLICT (activation_id, licence_id) DO UPDATE SET until = excluded.until
"""
_HAND_OVER: Final = """
UPDATE licences SET customer_id = $2, owner = $3, organisation_id = $4 WHERE licence_id = $1 AND customer_id <> $2
"""
_WAITING: Final = "brand = $1 AND software = $2 AND issued_at IS NULL AND revoked_at IS NULL"


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a licence is maintained, inclusive, and by which service."""

    activation_id: UUID
    until: date


async def add(tx: Tx, licence: Licence) -> None:
    """Keep a new licence."""
    await tx.execute(_ADD, *astuple(licence))


async def continued(tx: Tx, product_id: UUID, customer_id: UUID, software: str, *, on_or_after: date) -> UUID | None:
    """The customer's licence for the product that is maintained until that day or longer, if there is one."""
    found: UUID | None = await tx.fetchval(_CONTINUED, product_id, customer_id, software, on_or_after)
    return found


async def serve(tx: Tx, activation_id: UUID, licence_id: UUID, until: date) -> None:
    """A service maintains a licence until this day, inclusive."""
    await tx.execute(_SERVED, activation_id, licence_id, until)


async def served(tx: Tx, activation_id: UUID) -> list[UUID]:
    """The licences that a service maintains, or has maintained."""
    rows = await tx.fetch(
        "SELECT licence_id FROM licence_services WHERE activation_id = $1 ORDER BY licence_id", activation_id
    )
    return [row["licence_id"] for row in rows]


async def reschedule(tx: Tx, activation_id: UUID, until: date) -> None:
    """A service has another last day."""
    await tx.execute("UPDATE licence_services SET until = $2 WHERE activation_id = $1", activation_id, until)


async def unserve(tx: Tx, activation_id: UUID) -> None:
    """A service never counted."""
    await tx.execute("DELETE FROM licence_services WHERE activation_id = $1", activation_id)


async def terms(tx: Tx, licence_id: UUID) -> list[Term]:
    """What maintains it or has maintained it, the longest first."""
    return [Term(**row) for row in await tx.fetch(_TERMS, licence_id)]


async def lock(tx: Tx, licence_id: UUID) -> Licence:
    """A licence that exists, locked after its product and its timer."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM licences WHERE licence_id = $1 FOR NO KEY UPDATE", licence_id)
    assert row is not None  # licences are never deleted
    return Licence(**row)


async def put(tx: Tx, licence: Licence) -> None:
    """Write what changes of a locked licence."""
    await tx.execute(
        "UPDATE licences SET activation_id = $2, maintained_until = $3, issued_at = $4, lapsed_on = $5, "
        "revoked_at = $6 WHERE licence_id = $1",
        licence.licence_id,
        licence.activation_id,
        licence.maintained_until,
        licence.issued_at,
        licence.lapsed_on,
        licence.revoked_at,
    )


async def reinstate(tx: Tx, licence_id: UUID, until: date) -> None:
    """Maintenance was paid for until this day, inclusive."""
    await tx.execute("UPDATE licences SET reinstated_until = $2 WHERE licence_id = $1", licence_id, until)


async def hand_over(tx: Tx, licence_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None) -> bool:
    """A licence is another customer's; False when it was already."""
    return await tx.execute(_HAND_OVER, licence_id, customer_id, owner, organisation_id) == "UPDATE 1"


async def note(tx: Tx, licence_id: UUID, what: str, side: Side, by: str) -> None:
    """Add a line to a licence's history."""
    await tx.execute(
        "INSERT INTO licence_history (licence_id, happened_at, what, side, by) VALUES ($1, $2, $3, $4, $5)",
        licence_id,
        tx.now,
        what,
        side,
        by,
    )


async def history(db: Pool | Tx, licence_id: UUID, limit: int) -> list[Any]:
    """The last lines of a licence's history, oldest first."""
    rows = await db.fetch(
        "SELECT happened_at, what, side FROM licence_history WHERE licence_id = $1 ORDER BY number DESC LIMIT $2",
        licence_id,
        limit,
    )
    return list(reversed(rows))


async def find(db: Pool | Tx, whose: Whose, licence_id: UUID) -> Licence | None:
    """A licence that somebody may see."""
    row = await db.fetchrow(_FIND, *whose.arguments, licence_id)
    return Licence(**row) if row else None


async def page(
    pool: Pool,
    whose: Whose,
    asked: tuple[str | None, str | None, str | None],
    state: str | None,
    before: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Licence]:
    """Licences that somebody may see, newest first; `asked` is brand, serial and software."""
    rows = await pool.fetch(_PAGE, *whose.arguments, *asked, *before, state, limit)
    return [Licence(**row) for row in rows]


async def adopt(tx: Tx, product_id: UUID, customer_id: UUID, owner: str, organisation_id: UUID | None) -> None:
    """A customer's licences on a product that were nobody's file are this owner's."""
    await tx.execute(
        "UPDATE licences SET owner = $3, organisation_id = $4 "
        "WHERE product_id = $1 AND customer_id = $2 AND owner = '' AND organisation_id IS NULL",
        product_id,
        customer_id,
        owner,
        organisation_id,
    )


async def waiting(tx: Tx, brand: str, software: str, most: int) -> list[UUID]:
    """The licences that wait for a key, the one that waits longest first; locked."""
    rows = await tx.fetch(
        f"SELECT licence_id FROM licences WHERE {_WAITING} ORDER BY created_at, licence_id LIMIT $3 FOR NO KEY UPDATE",
        brand,
        software,
        most,
    )
    return [row["licence_id"] for row in rows]


async def count_waiting(tx: Tx, brand: str, software: str) -> int:
    """How many licences wait for a key."""
    count: int = await tx.fetchval(f"SELECT count(*) FROM licences WHERE {_WAITING}", brand, software)
    return count

"""Every SQL statement about codes and their units."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from activation_service.codes.domain import Code
from chassis.caller import Whose
from chassis.database import Pool, Tx

_COLUMNS: Final = tuple(field.name for field in fields(Code))
_NAMES: Final = ", ".join(_COLUMNS)
_PLACES: Final = {name: f"${place + 1}" for place, name in enumerate(_COLUMNS)}
_TAKEN: Final = f"SELECT count(*) FROM code_units WHERE certificate_id = {_PLACES['certificate_id']} AND NOT given_back"
# units that were redeemed before their order was heard of are counted once; from then on each is, as it goes or comes
_ADD: Final = f"""
INSERT INTO codes ({_NAMES}, units_left) VALUES ({", ".join(_PLACES.values())}, {_PLACES["quantity"]}::int - ({_TAKEN}))
ON CONFLICT DO NOTHING
"""
_TAKE: Final = """
WITH taken AS (INSERT INTO code_units VALUES ($2, $1, false) ON CONFLICT DO NOTHING RETURNING certificate_id)
UPDATE codes c SET units_left = units_left - 1 FROM taken WHERE c.certificate_id = taken.certificate_id
"""
_GIVE_BACK: Final = """
WITH came AS (
  UPDATE code_units SET given_back = true WHERE redemption_id = $2 AND NOT given_back RETURNING certificate_id
), never_taken AS (
  INSERT INTO code_units VALUES ($2, $1, true) ON CONFLICT DO NOTHING
)
UPDATE codes c SET units_left = units_left + 1 FROM came WHERE c.certificate_id = came.certificate_id
"""
_TURN: Final = "(hashtextextended($1, 10))"
_USABLE: Final = """
SELECT EXISTS (SELECT FROM codes WHERE brand = $1 AND service_reference = $2 AND purchased_on = $3
               AND NOT used_up AND (lapses_on IS NULL OR lapses_on >= $4))
"""
_PAGE: Final = """
SELECT * FROM codes WHERE NOT used_up AND {whose}
  AND ($1::text IS NULL OR brand = $1) AND ($3::text IS NULL OR brand = $3) AND ($4::date IS NULL OR lapses_on < $4)
  AND ($5::timestamptz IS NULL OR (confirmed_at, certificate_id) < ($5, $6::uuid))
ORDER BY confirmed_at DESC, certificate_id DESC LIMIT $7
"""
_EVERYBODYS: Final = _PAGE.format(whose="$2::uuid IS NULL")
_BUYERS: Final = _PAGE.format(whose="buyer_id = $2::uuid")


async def add(tx: Tx, code: Code) -> bool:
    """Keep a new code; False when it is known. No unit of it goes or comes until the transaction ends."""
    await tx.execute(f"SELECT pg_advisory_xact_lock{_TURN}", str(code.certificate_id))
    columns = asdict(code)
    return await tx.execute(_ADD, *(columns[name] for name in _COLUMNS)) == "INSERT 0 1"


async def find(tx: Tx, certificate_id: UUID) -> Code | None:
    """A code; None for that of an order that was not heard of."""
    row = await tx.fetchrow(f"SELECT {_NAMES} FROM codes WHERE certificate_id = $1", certificate_id)
    return Code(**row) if row else None


async def units_left(tx: Tx, code: Code) -> int:
    """How many of its units can still be used; never less than none."""
    left: int = await tx.fetchval("SELECT units_left FROM codes WHERE certificate_id = $1", code.certificate_id)
    return max(0, left)


async def take(tx: Tx, certificate_id: UUID, redemption_id: UUID) -> None:
    """A unit is redeemed; one that was given back stays so, whichever was heard first."""
    await _share(tx, certificate_id)
    await tx.execute(_TAKE, certificate_id, redemption_id)


async def give_back(tx: Tx, certificate_id: UUID, redemption_id: UUID) -> None:
    """A unit is on the certificate again."""
    await _share(tx, certificate_id)
    await tx.execute(_GIVE_BACK, certificate_id, redemption_id)


async def _share(tx: Tx, certificate_id: UUID) -> None:
    """Units go and come at once, but not while their code is added: it would miss those."""
    # seed 10: others lock with 0 (keys of commands), 2 (products), 3 (catalogues), 9 (pools of licence keys)
    await tx.execute(f"SELECT pg_advisory_xact_lock_shared{_TURN}", str(certificate_id))


async def has_usable(tx: Tx, brand: str, service_reference: str, purchased_on: date, today: date) -> bool:
    """Whether a code of a service, bought on a day, has units that can be used today."""
    found: bool = await tx.fetchval(_USABLE, brand, service_reference, purchased_on, today)
    return found


async def note_warning(tx: Tx, certificate_id: UUID, days: int) -> None:
    """A warning was said."""
    await tx.execute("UPDATE codes SET warned_days = $2 WHERE certificate_id = $1", certificate_id, days)


async def note_lapse(tx: Tx, certificate_id: UUID) -> None:
    """That it cannot be used any more was said."""
    await tx.execute("UPDATE codes SET lapse_said = true WHERE certificate_id = $1", certificate_id)


async def page(
    pool: Pool,
    whose: Whose,
    brand: str | None,
    lapsing_before: date | None,
    after: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[asyncpg.Record]:
    """Codes that still have units as far as somebody may see them, newest first, at most `limit`."""
    everybodys = whose.owner is None and whose.organisation_id is None
    query, buyer = (_EVERYBODYS, None) if everybodys else (_BUYERS, whose.contact_id)
    return await pool.fetch(query, whose.brand, buyer, brand, lapsing_before, *after, limit)

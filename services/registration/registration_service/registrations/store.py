"""Every SQL statement that looks at registrations, what changes them stands with products; and wrong codes."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.caller import Whose, seen
from chassis.database import Pool, Tx

_RUNS: Final = "r.cancelled_at IS NULL AND r.ended_on IS NULL"
# The product is the reader's, or still the customer's for whom they registered a service that runs.
_OWN: Final = f"({seen(2, 'p')} OR p.customer_id = $4 OR {_RUNS} AND p.customer_id = r.customer_id)"
_FROM: Final = f"""
SELECT r.redemption_id, p.brand, r.product_id, p.serial, p.model, p.purchased_on, p.warranty_ends_on, r.certificate_id,
  r.service_reference, r.registered_as, r.proof_of_purchase, r.redeemed_at, r.cancelled_at, r.cancellation_reason,
  r.ended_on, {_OWN} AS own,
  CASE WHEN {_RUNS} AND {_OWN} THEN p.customer_id ELSE r.customer_id END AS customer_id,
  EXISTS (SELECT 1 FROM contests c WHERE c.product_id = r.product_id AND c.settled_at IS NULL) AS contested
FROM redemptions r JOIN products p USING (product_id)
"""
# A registration concerns who has the product while it runs, and for whom it was made afterwards.
_SEEN: Final = f"""($1::text IS NULL OR p.brand = $1) AND ({seen(2, "r")}
  OR CASE WHEN {_RUNS} THEN p.customer_id ELSE r.customer_id END = $4)"""
_ONE: Final = f"{_FROM} WHERE r.redemption_id = $5 AND {_SEEN}"
_LIST: Final = f"""{_FROM}
WHERE ($5::text IS NULL OR p.brand = $5) AND ($6::text IS NULL OR p.serial = $6)
  AND ($7::uuid IS NULL OR r.certificate_id = $7)
  AND ($8::timestamptz IS NULL OR (r.redeemed_at, r.redemption_id) < ($8, $9::uuid)) AND {_SEEN}
ORDER BY r.redeemed_at DESC, r.redemption_id DESC LIMIT $10
"""
# One that is to end before its time leaves its place to a new one, as among those that units were redeemed for.
_UNDER_CONTRACT: Final = """
SELECT max(s.ends_on) FROM services s
WHERE s.product_id = $1 AND ($2::text IS NULL OR s.service_reference = $2) AND s.ends_on >= $3
  AND s.ended_on IS NULL AND NOT s.cancelled AND s.redemption_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM redemptions r WHERE r.redemption_id = s.redemption_id)
"""
# A window that would begin in the future is from before a clock was set back.
_WRONG_CODE: Final = """
INSERT INTO wrong_codes AS w (who, wrong, since_at) VALUES ($1, 1, $3) ON CONFLICT (who) DO UPDATE SET
  wrong = CASE WHEN w.since_at > $2 AND w.since_at <= $3 THEN w.wrong + 1 ELSE 1 END,
  since_at = CASE WHEN w.since_at > $2 AND w.since_at <= $3 THEN w.since_at ELSE $3 END
"""


async def find(db: Pool | Tx, whose: Whose, redemption_id: UUID) -> asyncpg.Record | None:
    """One registration as far as it may be seen."""
    return await db.fetchrow(_ONE, *whose.arguments, redemption_id)


async def page(
    pool: Pool,
    whose: Whose,
    wanted: tuple[str | None, str | None, UUID | None],
    before: tuple[datetime | None, UUID | None],
    limit: int,
) -> list[Any]:
    """Registrations that may be seen, newest first; `wanted` are brand, serial (canonical) and certificate."""
    return await pool.fetch(_LIST, *whose.arguments, *wanted, *before, limit)


async def under_contract(tx: Tx, product_id: UUID, reference: str | None, today: date) -> date | None:
    """The last day of a service that a contract brought to a product, as long as it runs; of any when None."""
    last: date | None = await tx.fetchval(_UNDER_CONTRACT, product_id, reference, today)
    return last


async def wrong_codes(tx: Tx, who: str, since: datetime) -> int:
    """How many wrong codes somebody gave in a window that began after a moment."""
    query = "SELECT wrong FROM wrong_codes WHERE who = $1 AND since_at > $2 AND since_at <= $3"
    return await tx.fetchval(query, who, since, tx.now) or 0


async def count_wrong_code(tx: Tx, who: str, since: datetime) -> None:
    """Add one to the window that began after a moment, or begin a new one."""
    await tx.execute(_WRONG_CODE, who, since, tx.now)


async def forget_wrong_codes(tx: Tx, until: datetime) -> None:
    """Drop windows that began before a moment."""
    await tx.execute("DELETE FROM wrong_codes WHERE since_at <= $1", until)

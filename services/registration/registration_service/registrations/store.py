"""Every SQL statement that looks at registrations; what changes them stands with products."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.caller import seen
from chassis.database import Pool, Tx
from registration_service.contacts.domain import Whose

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

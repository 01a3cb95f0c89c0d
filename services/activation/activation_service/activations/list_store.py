"""Services that somebody may see, filtered, page by page (ACT-08)."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from activation_service.activations.domain import Activation, State
from activation_service.activations.find_store import COLUMNS, SEEN
from chassis.caller import Whose
from chassis.database import Pool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which services are asked for; None: whichever. The order is that of the query's arguments."""

    brand: str | None = None
    serial: str | None = None
    product_id: UUID | None = None
    service_reference: str | None = None
    state: State | None = None
    site_number: str | None = None
    contract_number: str | None = None
    customer_id: UUID | None = None
    active_on: date | None = None
    """Those that cover this day of their brand's calendar, whether set up by then or not."""


_PAGE: Final = f"""
SELECT {COLUMNS} FROM activations
WHERE {SEEN} AND ($5::text IS NULL OR brand = $5) AND ($6::text IS NULL OR serial = $6)
  AND ($7::uuid IS NULL OR product_id = $7) AND ($8::text IS NULL OR service_reference = $8)
  AND ($9::text IS NULL OR state = $9) AND ($10::text IS NULL OR site_number = $10)
  AND ($11::text IS NULL OR contract_number = $11) AND ($12::uuid IS NULL OR customer_id = $12)
  AND ($13::date IS NULL OR (state <> 'cancelled' AND $13 BETWEEN starts_on AND least(ends_on, ended_on)))
  AND ($14::timestamptz IS NULL OR (activated_at, activation_id) < ($14, $15::uuid))
ORDER BY activated_at DESC, activation_id DESC LIMIT $16
"""


async def page(
    pool: Pool, whose: Whose, wanted: Wanted, after: tuple[datetime | None, UUID | None], limit: int
) -> Sequence[Activation]:
    """Services, newest first, one more than `limit` when there are more."""
    rows = await pool.fetch(_PAGE, *whose.arguments, *astuple(wanted), *after, limit + 1)
    return [Activation(**row) for row in rows]

"""How credits are found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from chassis.database import Pool
from credits_service.notes.domain import LookUp

_PAGE: Final = """
SELECT * FROM credits
WHERE ($1::text IS NULL OR brand = $1) AND ($2::text IS NULL OR grms_number = $2)
  AND ($3::text IS NULL OR serial = upper($3)) AND ($4::text IS NULL OR invoice_number = $4)
  AND ($5::timestamptz IS NULL OR (requested_at, credit_id) < ($5, $6))
ORDER BY requested_at DESC, credit_id DESC LIMIT $7
"""


async def page(
    pool: Pool, wanted: LookUp, after: tuple[datetime | None, UUID | None], limit: int
) -> Sequence[asyncpg.Record]:
    """Credits, newest first, one more than `limit` when there are more."""
    what = (wanted.brand, wanted.grms_number, wanted.serial, wanted.invoice_number)
    return await pool.fetch(_PAGE, *what, *after, limit + 1)

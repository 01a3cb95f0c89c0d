"""Every SQL statement about allowances: units of hashed addresses, and the day's key of these hashes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from chassis.database import Pool
from registration_service.allowances.domain import Budget


def _take(holder: str, capacity: str, source: str) -> str:
    """A bucket that fills by the second and gives as long as it is not empty; into debt, if need be."""
    full = f"least({capacity}, a.units + {capacity} * greatest(0, extract(epoch FROM $6 - a.filled_at)) / $7)"
    return f"""
  INSERT INTO allowances AS a (purpose, holder, units, filled_at)
  SELECT $1::text, {holder}, {capacity} - $5::float8, $6::timestamptz {source}
  ON CONFLICT (purpose, holder) DO UPDATE SET units = {full} - $5, filled_at = greatest(a.filled_at, $6)
  WHERE {full} > 0 RETURNING units
"""


# One statement: an address that has nothing left takes nothing from everybody.
_SPEND: Final = f"""
WITH own AS ({_take("$2::bytea", "$3::float8", "")}),
everybody AS ({_take("''::bytea", "$4::float8", "FROM own WHERE $4::float8 IS NOT NULL")})
SELECT (SELECT units FROM own) AS own, (SELECT units FROM everybody) AS everybody
"""
_GIVE_BACK_OWN: Final = """
UPDATE allowances SET units = least($3::float8, units + $4) WHERE purpose = $1 AND holder = $2
"""
# The address first, as in _SPEND: two requests of one address must not lock the two rows crosswise.
_GIVE_BACK: Final = f"""
WITH own AS ({_GIVE_BACK_OWN} RETURNING holder)
UPDATE allowances SET units = least($5::float8, units + $4)
WHERE purpose = $1 AND holder = '' AND EXISTS (SELECT FROM own)
"""
_KEY: Final = """
WITH made AS (INSERT INTO address_keys (valid_on, key) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key)
SELECT key FROM made UNION ALL SELECT key FROM address_keys WHERE valid_on = $1
"""
# Full again, even from the deepest debt, or in the future since a clock was set back.
_FORGET: Final = """
DELETE FROM allowances a USING unnest($2::text[], $3::int[]) AS known (purpose, seconds)
WHERE a.purpose = known.purpose
  AND a.filled_at NOT BETWEEN $1::timestamptz - make_interval(secs => 2 * seconds)
                          AND $1 + make_interval(secs => seconds)
"""


async def key_of(pool: Pool, day: date, new: bytes) -> bytes | None:
    """The day's key, which is `new` if it is the first; None when somebody else makes one at this very moment."""
    key: bytes | None = await pool.fetchval(
        "SELECT key FROM address_keys WHERE valid_on = $1", day
    ) or await pool.fetchval(_KEY, day, new)
    return key


async def spend(
    pool: Pool, purpose: str, holder: bytes, budget: Budget, units: int, now: datetime
) -> tuple[float | None, float | None]:
    """Take units of the address and of everybody; what is left of each, None where there was nothing to take."""
    taken = (budget.own, budget.everybody, units, now, budget.window_seconds)
    row = await pool.fetchrow(_SPEND, purpose, holder, *taken)
    assert row is not None  # it selects two values, whatever they are
    return row["own"], row["everybody"]


async def give_back(pool: Pool, purpose: str, holder: bytes, budget: Budget, units: int) -> None:
    """Return units to the address and, where all together have a limit, to everybody."""
    if budget.everybody is None:
        await give_back_own(pool, purpose, holder, budget, units)
    else:
        await pool.execute(_GIVE_BACK, purpose, holder, budget.own, units, budget.everybody)


async def give_back_own(pool: Pool, purpose: str, holder: bytes, budget: Budget, units: int) -> None:
    """Return units to the address alone."""
    await pool.execute(_GIVE_BACK_OWN, purpose, holder, budget.own, units)


async def forget(pool: Pool, now: datetime, windows: Mapping[str, int]) -> None:
    """Drop what has not been used for two windows of its purpose, and the keys of past days."""
    await pool.execute(_FORGET, now, list(windows), list(windows.values()))
    await pool.execute("DELETE FROM address_keys WHERE valid_on NOT BETWEEN $1 AND $1 + 1", now.date())

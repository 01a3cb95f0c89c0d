"""Every SQL statement about licence keys."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.database import Tx

_POOL: Final = "(hashtextextended($1 || chr(31) || $2, 9))"
_TAKE_LAST: Final = """
UPDATE licence_keys SET licence_id = $3 WHERE number =
  (SELECT number FROM licence_keys WHERE brand = $1 AND software = $2 AND licence_id IS NULL
   ORDER BY number LIMIT 1 FOR UPDATE)
"""
_TAKE: Final = _TAKE_LAST.replace("FOR UPDATE", "FOR UPDATE SKIP LOCKED")
_KNOWN: Final = """
SELECT asked.place FROM unnest($3::text[]) WITH ORDINALITY AS asked (key, place)
WHERE EXISTS (SELECT FROM licence_keys k WHERE k.brand = $1 AND k.software = $2 AND k.key = asked.key)
ORDER BY asked.place LIMIT 1
"""
_LOAD: Final = """
INSERT INTO licence_keys (brand, software, key, loaded_by, loaded_at)
SELECT $1, $2, key, $4, $5 FROM unnest($3::text[]) WITH ORDINALITY AS loaded (key, place) ORDER BY place
"""
_FREE: Final = "SELECT count(*) FROM licence_keys WHERE brand = $1 AND software = $2 AND licence_id IS NULL"


async def share(tx: Tx, brand: str, software: str) -> None:
    """Keys are taken, by any number at once; none are loaded meanwhile, or a licence would wait beside a free key."""
    # seed 9: others lock with 0 (keys of commands), 2 (products), 3 (catalogues)
    await tx.execute(f"SELECT pg_advisory_xact_lock_shared{_POOL}", brand, software)


async def hold(tx: Tx, brand: str, software: str) -> None:
    """Keys are loaded; none are taken meanwhile."""
    await tx.execute(f"SELECT pg_advisory_xact_lock{_POOL}", brand, software)


async def take(tx: Tx, brand: str, software: str, licence_id: UUID) -> bool:
    """The oldest free key that nobody is about to take is the licence's; False when there is none."""
    return await tx.execute(_TAKE, brand, software, licence_id) == "UPDATE 1"


async def take_last(tx: Tx, brand: str, software: str, licence_id: UUID) -> bool:
    """As `take`, but those that others are about to take are waited for, one after the other."""
    return await tx.execute(_TAKE_LAST, brand, software, licence_id) == "UPDATE 1"


async def first_known(tx: Tx, brand: str, software: str, keys: Sequence[str]) -> int | None:
    """The place, from 0, of the first key that was loaded before."""
    place: int | None = await tx.fetchval(_KNOWN, brand, software, keys)
    return None if place is None else place - 1


async def load(tx: Tx, brand: str, software: str, keys: Sequence[str], by: str) -> None:
    """Keep new keys, in their order."""
    await tx.execute(_LOAD, brand, software, keys, by, tx.now)


async def free(tx: Tx, brand: str, software: str) -> int:
    """How many keys no licence has yet."""
    count: int = await tx.fetchval(_FREE, brand, software)
    return count


async def key_of(tx: Tx, licence_id: UUID) -> str:
    """The key of a licence that has one."""
    key: str | None = await tx.fetchval("SELECT key FROM licence_keys WHERE licence_id = $1", licence_id)
    assert key is not None  # an issued licence has its key
    return key

"""Every SQL statement about known units."""

from collections.abc import Sequence
from typing import Final

from chassis.database import Tx

_REMEMBER: Final = """
INSERT INTO units (brand, serial, model, known_at)
SELECT $1, serial, model, $4 FROM unnest($2::text[], $3::text[]) AS told(serial, model) ON CONFLICT DO NOTHING
"""
_MODELS: Final = "SELECT model FROM units WHERE brand = $1 AND serial = $2 ORDER BY model LIMIT 20"
_KNOWN: Final = "SELECT DISTINCT serial FROM units WHERE brand = $1 AND serial = ANY($2::text[])"


async def remember(tx: Tx, brand: str, units: Sequence[tuple[str, str]]) -> int:
    """Write (serial, model) pairs; how many of them are new."""
    serials, models = [unit[0] for unit in units], [unit[1] for unit in units]
    return int((await tx.execute(_REMEMBER, brand, serials, models, tx.now)).rpartition(" ")[2])


async def models_of(tx: Tx, brand: str, serial: str) -> list[str]:
    """The models of the known units with a serial number, at most 20, sorted."""
    return [row["model"] for row in await tx.fetch(_MODELS, brand, serial)]


async def known(tx: Tx, brand: str, serials: Sequence[str]) -> list[str]:
    """Those of some serial numbers of which a unit is known."""
    return [row["serial"] for row in await tx.fetch(_KNOWN, brand, serials)]

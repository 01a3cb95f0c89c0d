"""The SQL of offers."""

from typing import Final

from chassis.database import Tx
from event_schemas.activation_offers import Names, OfferPublished

_UPSERT: Final = """
INSERT INTO offers (brand, reference, revision, names) VALUES ($1, $2, $3, $4)
ON CONFLICT (brand, reference) DO UPDATE SET revision = excluded.revision, names = excluded.names
WHERE excluded.revision > offers.revision
"""


async def put(tx: Tx, event: OfferPublished) -> None:
    """Keep the names unless a newer revision has been heard."""
    await tx.execute(_UPSERT, event.brand, event.reference, event.revision, event.names.model_dump_json())


async def find(tx: Tx, brand: str, reference: str) -> Names | None:
    """The names as last heard."""
    names = await tx.fetchval("SELECT names FROM offers WHERE brand = $1 AND reference = $2", brand, reference)
    return Names.model_validate_json(names) if names else None

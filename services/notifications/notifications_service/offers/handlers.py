"""What is done with what the catalogue says (ACT-04, NTF-03)."""

from chassis.database import Tx
from event_schemas.activation_offers import Names, OfferPublished
from notifications_service.offers import store


async def note_offer(event: OfferPublished, tx: Tx) -> None:
    """Keep what a service is called; the newest revision counts, in whatever order they are heard."""
    await store.put(tx, event)


async def names_of(brand: str, reference: str | None, tx: Tx) -> Names | None:
    """What a service is called; None without a reference, or when it was never heard of."""
    return await store.find(tx, brand, reference) if reference else None

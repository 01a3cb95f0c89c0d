"""What activation's catalogue says is kept; the highest revision counts, in whichever order they come (ACT-04)."""

from collections.abc import Iterable

from chassis.database import Pool, Tx
from event_schemas.activation_offers import OfferPublished
from registration_service.offers import store
from registration_service.offers.domain import CatalogueUnknown, Names, Offer, Offers


async def note_offer(event: OfferPublished, tx: Tx) -> None:
    """The offer stands so from now on, also of a brand that has no policy here yet."""
    offer = Offer(
        brand=event.brand,
        reference=event.reference,
        name_en=event.names.en,
        name_fr=event.names.fr,
        name_nl=event.names.nl,
        models=event.models,
        extends_warranty=event.extends_warranty,
        code_days=event.code_days,
        on_sale=event.on_sale,
    )
    await store.note(tx, offer, event.revision)


async def offer_of(brand: str, reference: str, db: Pool | Tx) -> Offer | None:
    """An offer, on sale or not; None when nothing has been heard of it."""
    return await store.find(db, brand, reference)


async def offers_of(brand: str, db: Pool | Tx) -> Offers:
    """A brand's offers, on sale or not, sorted by reference; none when nothing has been heard of them."""
    return {offer.reference: offer for offer in await store.of_brands(db, [brand])}


async def known_offers(brand: str, db: Pool | Tx) -> Offers:
    """As `offers_of`; raises CatalogueUnknown when nothing has been heard of them."""
    if offers := await offers_of(brand, db):
        return offers
    raise CatalogueUnknown(f"nothing has been heard yet of what {brand} sells")


async def names_in(language: str, brands: Iterable[str], db: Pool | Tx) -> Names:
    """What the services of some brands are called in a language."""
    found = await store.of_brands(db, sorted(set(brands)))
    return Names({(offer.brand, offer.reference): offer for offer in found}, language)


async def nothing_heard(db: Pool | Tx) -> bool:
    """Whether activation has not published anything yet, of any brand."""
    return await store.is_empty(db)

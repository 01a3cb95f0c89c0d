"""What the catalogue says now: the table, and the policy for what the table does not have yet (ACT-04)."""

from activation_service.offers import store
from activation_service.offers.domain import Listed, digest_of, usable
from activation_service.policy import Offer, policy_of
from chassis.database import Pool, Tx
from event_schemas.activation import ActivationRefusal


async def listed(brand: str, reference: str, tx: Tx | Pool) -> Listed | None:
    """An offer with its revision and whether it is on sale; None when the brand has none. Raises UnknownBrand."""
    shipped = policy_of(brand).shipped.get(reference)
    found = await store.find(tx, brand, reference)
    return found or (Listed(brand, shipped, entry_digest=digest_of(shipped)) if shipped else None)


async def all_listed(brand: str, tx: Tx | Pool) -> list[Listed]:
    """Every offer of a brand, also those not on sale: the policy's in its order, then the others by reference."""
    shipped, found = policy_of(brand).shipped, await store.of_brand(tx, brand)
    entered = [found.get(name) or Listed(brand, one, entry_digest=digest_of(one)) for name, one in shipped.items()]
    return entered + [one for reference, one in found.items() if reference not in shipped]


async def offer_of(brand: str, reference: str, tx: Tx | Pool) -> Offer | None:
    """An offer as it stands, on sale or not: what was sold is honoured. Raises UnknownBrand."""
    found = await listed(brand, reference, tx)
    return found.offer if found else None


async def offers_of(brand: str, tx: Tx | Pool, *, on_sale: bool | None = None) -> list[Offer]:
    """A brand's offers; those that are on sale, or not, when that is asked. Raises UnknownBrand."""
    return [one.offer for one in await all_listed(brand, tx) if on_sale in (None, one.on_sale)]


async def offer_for(brand: str, reference: str, model: str, tx: Tx | Pool) -> Offer | ActivationRefusal:
    """The offer of that reference when it is for this model, else why not (ACT-01, ACT-04). Raises UnknownBrand."""
    return usable(await offer_of(brand, reference, tx), model)

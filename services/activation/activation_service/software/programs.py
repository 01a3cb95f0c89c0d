"""Which programs a brand's offers include (ACT-12)."""

from activation_service.offers.handlers import offers_of
from chassis.database import Pool, Tx
from chassis.transact import Refusal


async def program_of(brand: str, reference: str, db: Pool | Tx) -> str | Refusal:
    """The name of a program that some offer of the brand includes, on sale or not; 422. Raises UnknownBrand."""
    names = {one.reference: one.name for offer in await offers_of(brand, db) for one in offer.software}
    if reference not in names:
        return Refusal("software-unknown", 422, "/software", reference, sorted(names))
    return names[reference]

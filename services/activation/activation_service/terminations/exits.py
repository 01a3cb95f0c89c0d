"""The terms of a contract, read for whoever asks or ends it (ACT-11)."""

from collections.abc import Iterable
from datetime import date

from activation_service.contracts.domain import Contract, Line
from activation_service.contracts.handlers import lines_of
from activation_service.offers.handlers import offer_of
from activation_service.policy import Offer, policy_of
from activation_service.terminations.domain import Terms
from chassis.database import Pool, Tx


async def terms_of(contract: Contract, today: date, db: Pool | Tx) -> Terms:
    """What a contract says of its end, with the lines that run on a day or later. Raises UnknownBrand."""
    had = await lines_of(contract.contract_id, db)
    running = [line for line in had if not line.cancelled and (line.removed_on is None or line.removed_on >= today)]
    return Terms(contract, running, await offers_of(contract.brand, running, db), policy_of(contract.brand).contracts)


async def offers_of(brand: str, lines: Iterable[Line], db: Pool | Tx) -> dict[str, Offer | None]:
    """The offers of some lines by reference; None for one that is not known any more. Raises UnknownBrand."""
    references = sorted({line.service_reference for line in lines})
    return {reference: await offer_of(brand, reference, db) for reference in references}

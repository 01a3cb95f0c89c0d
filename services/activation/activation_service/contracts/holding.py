"""A contract held for a change of all that it covers, in the order of the locks (ACT-10, ACT-11)."""

from uuid import UUID

from activation_service.activations.handlers import hold_product
from activation_service.contracts.domain import Contract
from activation_service.contracts.handlers import find, lines_of, lock
from chassis.caller import Caller
from chassis.database import Tx


async def hold(contract_id: UUID, by: Caller, tx: Tx) -> Contract | None:
    """A contract that the caller sees, held with its products, which come first: those of a new line come after."""
    if await find(contract_id, by, tx) is None:
        return None
    before = await _hold_products(contract_id, set(), tx)
    contract = await lock(contract_id, by, tx)
    await _hold_products(contract_id, before, tx)
    return contract


async def _hold_products(contract_id: UUID, done: set[UUID], tx: Tx) -> set[UUID]:
    products = {line.product_id for line in await lines_of(contract_id, tx) if not line.cancelled}
    for product_id in sorted(products - done):
        await hold_product(product_id, tx)
    return products

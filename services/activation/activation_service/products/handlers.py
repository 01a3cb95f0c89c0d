"""What registration tells of products is kept; the latest fact counts, in whichever order they come (ACT-02)."""

from collections.abc import Sequence
from uuid import UUID

from activation_service.products import store
from activation_service.products.domain import Holding, Product
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from event_schemas.registration import ProductRegistered
from event_schemas.registration_cases import MoveExecuted, ProductTransferred


async def note_product(event: ProductRegistered, tx: Tx) -> None:
    """The product is this customer's, and its standard warranty is known (REG-14)."""
    fact = fact_of(tx)
    await store.add(tx, event.product_id, event.brand, event.serial, event.model)
    await store.date_warranty(tx, event.product_id, event.purchased_on, event.warranty_ends_on, fact)
    holding = Holding(event.customer_id, event.registered_by or "", event.organisation_id)
    await store.hold(tx, event.product_id, holding, fact)


async def note_transfer(event: ProductTransferred, tx: Tx) -> None:
    """The product is another customer's, or nobody's (REG-17)."""
    await store.add(tx, event.product_id, event.brand, event.serial, event.model)
    holding = Holding(event.to_customer_id, event.registered_by or "", event.organisation_id)
    await store.hold(tx, event.product_id, holding, fact_of(tx))


async def note_move(event: MoveExecuted, tx: Tx) -> None:
    """The product stands in another country, as long as it is this customer's (REG-18)."""
    await store.add(tx, event.product_id, event.brand, event.serial, event.model)
    await store.move(tx, event.product_id, event.to_country, event.customer_id, fact_of(tx))


async def product_of(product_id: UUID, db: Pool | Tx) -> Product | None:
    """A product as it stands, whoever asks; None when nothing was heard of it."""
    return await store.read(db, product_id)


async def products_of(product_ids: Sequence[UUID], db: Pool | Tx) -> dict[UUID, Product]:
    """Those of some products of which something was heard, by their ids, whoever asks."""
    return {one.product_id: one for one in await store.read_all(db, product_ids)}


async def product_seen(product_id: UUID, by: Caller, db: Pool | Tx) -> Product | None:
    """A product that the caller may see; None for an unknown and another's alike (REG-06)."""
    return await store.find(db, Whose.seen_by(by), product_id)


def fact_of(tx: Tx) -> UUID:
    """The id of the fact that is being handled; greater ones were said later."""
    assert tx.cause.causation_id is not None  # only facts are handled here
    return UUID(tx.cause.causation_id)

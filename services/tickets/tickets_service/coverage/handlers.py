"""Facts about units in, the unit as it is known out; whoever opens or revises tickets asks here (TKT-09)."""

from chassis.database import Tx
from event_schemas.activation import (
    ActivationCancelled,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.activation_contracts import DisputeDecided, DisputeDecision
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred
from tickets_service.coverage import store
from tickets_service.coverage.domain import ModelUnclear, Unit, pick
from tickets_service.policy import policy_of

Fact = (
    ProductRegistered
    | ProductTransferred
    | RegistrationCancelled
    | ServiceActivated
    | ServiceOperational
    | ServiceExtended
    | ServiceEnded
    | ActivationCancelled
    | DisputeDecided
)
"""What a verdict can depend on."""


async def hold_unit(brand: str, serial: str, tx: Tx) -> None:
    """Before a ticket is opened or a fact applied: neither may miss the other."""
    await store.lock_unit(tx, brand, serial)


async def note_fact(fact: Fact, tx: Tx) -> None:
    """Keep a fact under its own id; the order and the number of times it is heard do not matter.

    Only whose a product is, is as last heard: those facts have one key, and so one order, also when redriven.
    """
    if isinstance(fact, ProductRegistered):
        await store.put_product(tx, fact)
    elif isinstance(fact, ProductTransferred):
        await store.put_transfer(tx, fact)
    elif isinstance(fact, ServiceActivated):
        await store.put_activated(tx, fact)
    elif isinstance(fact, ServiceOperational):
        await store.put_operational(tx, fact)
    elif isinstance(fact, ServiceExtended):
        await store.put_extension(tx, fact)
    elif isinstance(fact, ServiceEnded):
        await store.put_ending(tx, fact)
    elif isinstance(fact, DisputeDecided):
        if fact.decision == DisputeDecision.COVERED:
            await store.put_acknowledgement(tx, fact)
    else:
        await store.put_cancellation(tx, fact)


async def find_unit(brand: str, serial: str, model: str | None, tx: Tx) -> Unit | ModelUnclear:
    """What is known of a unit; empty for a serial that was never heard of. Raises UnknownBrand."""
    product = pick(await store.products_of(tx, brand, serial), model)
    if isinstance(product, ModelUnclear):
        return product
    zone, product_id = policy_of(brand).time_zone.key, product.product_id if product else None
    services = await store.services_of(tx, brand, serial, product_id, zone)
    return Unit(product, services, await store.acknowledgements_of(tx, brand, serial, product_id, model))

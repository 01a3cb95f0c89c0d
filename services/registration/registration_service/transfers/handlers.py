"""A change of hands takes effect on its day, or is void because the product is somebody else's by then (REG-17)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from chassis import timers
from chassis.caller import Sight
from chassis.database import Tx
from chassis.routes import Due
from event_schemas import Event
from event_schemas.registration_cases import TransferWithdrawn
from registration_service.contests.handlers import is_contested
from registration_service.moves.handlers import withdraw_open_move
from registration_service.policy import policy_of
from registration_service.products.domain import Product
from registration_service.products.handlers import hand_over, release, services_of
from registration_service.products.handlers import lock as lock_product
from registration_service.products.services import end_service
from registration_service.transfers import store
from registration_service.transfers.domain import Transfer, start_of

TRANSFER_DUE: Final = "transfer-due"
NOBODY: Final = ""
"""Owner of a file that no token names; its customer sees it as a customer."""


async def complete_transfer(due: Due, tx: Tx) -> tuple[Event, ...]:
    """The day has come; while the product is contested, it is put off to the next day (REG-17).

    Void when the product is somebody else's by then.
    """
    found = await store.find(tx, UUID(due.subject), Sight(), None)
    if found is None:
        return ()
    product = await lock_product(found.product_id, tx)
    transfer = await store.lock(tx, found.transfer_id)
    if transfer is None or transfer.state != "pending":
        return ()
    if product.released or is_overtaken(transfer, product):
        return (await void(transfer, tx),)
    policy = policy_of(transfer.brand)
    if await is_contested(product.product_id, tx):
        await _put_off(transfer, policy.day_of(tx.now) + timedelta(days=1), tx)
        return ()
    if transfer.has_waited(policy.zone):
        transfer = transfer.put_off_to(policy.day_of(tx.now))
        await store.put_off(tx, transfer)
    return await take_effect(transfer, product, tx)


def is_overtaken(transfer: Transfer, product: Product) -> bool:
    """Whether it was reported for a customer who has lost the product otherwise: by a contest, or a cancellation."""
    return transfer.from_customer_id != product.customer_id


async def void(transfer: Transfer, tx: Tx) -> TransferWithdrawn:
    """End a locked transfer that cannot take place any more."""
    await store.settle(tx, transfer, "withdrawn")
    return transfer.withdrawn()


async def take_effect(transfer: Transfer, product: Product, tx: Tx) -> tuple[Event, ...]:
    """The locked product is the new customer's, or after a lease nobody's; its open move has no requester any more."""
    running = await services_of(product, tx)
    await store.settle(tx, transfer, "transferred")
    move = await withdraw_open_move(product.product_id, tx)
    owner, organisation_id = NOBODY, None  # neither a former customer nor their dealer has a claim to see it
    if transfer.to_customer_id is None:
        for service in running.values():  # whatever their offers say, and whoever registers it next need not wait
            await end_service(service.redemption_id, transfer.last_billable_on, tx)
        await release(product, tx)
    else:
        if not transfer.by_customer:
            owner, organisation_id = transfer.owner, transfer.organisation_id
        await hand_over(product, transfer.to_customer_id, owner, organisation_id, tx)
    went_on = tuple(one.redemption_id for one in running.values())
    return *((move,) if move else ()), transfer.transferred(went_on, owner, organisation_id)


async def arm(transfer: Transfer, tx: Tx) -> None:
    """Let it take effect at the start of its day where the brand lives."""
    zone = policy_of(transfer.brand).zone
    await timers.arm(tx, TRANSFER_DUE, str(transfer.transfer_id), start_of(transfer.takes_effect_on, zone))


async def _put_off(transfer: Transfer, day: date, tx: Tx) -> None:
    later = transfer.put_off_to(day)
    await store.put_off(tx, later)
    await arm(later, tx)

"""What happened to a product after a unit was redeemed is applied to its service, in the order in which it was said.

Facts may come in any order: a change of hands waits until the service is the seller's, and a move until it is the
mover's (REG-17, REG-18, ALL-02). Whoever calls holds the product.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from activation_service.activations.domain import Activation
from activation_service.activations.handlers import assign_site, end, hand_over, service_redeemed
from activation_service.contracts.handlers import hand_over as hand_over_line
from activation_service.contracts.handlers import take_out
from activation_service.offers.handlers import offer_of
from activation_service.policy import policy_of
from activation_service.products.domain import Product
from activation_service.products.handlers import product_of
from activation_service.redemptions import hands_store as store
from activation_service.redemptions.domain import Move, Transfer
from activation_service.software.handlers import hand_over as hand_over_licences
from activation_service.software.handlers import maintained_until
from chassis.database import Tx
from event_schemas import Event
from event_schemas.activation import EndReason


async def catch_up(redemption_id: UUID, tx: Tx) -> list[Event]:
    """Apply what waits for a service and whose turn it is; nothing when there is no such service (yet)."""
    facts: list[Event] = []
    while found := await service_redeemed(redemption_id, tx):
        if found.state == "cancelled":
            break
        step = await _next_step(found, tx)
        if step is None:
            break
        facts += await _take(step, found, tx)
    if found and found.state in ("ended", "cancelled"):  # it goes into nobody's hands any more
        await store.drop_waiting(tx, redemption_id)
    return facts


async def _next_step(found: Activation, tx: Tx) -> Transfer | Move | None:
    sold = await store.last_transfer(tx, found.redemption_id)
    transfers = [one for one in await store.transfers_waiting(tx, found.redemption_id) if one.is_next(found, sold)]
    moves = await store.moves_waiting(tx, found.redemption_id)
    ready = [move for move in moves[:1] if move.is_next(found, sold)]
    steps: list[Transfer | Move] = [*transfers[:1], *ready]
    return min(steps, key=lambda step: step.fact or UUID(int=0), default=None)


async def _take(step: Transfer | Move, found: Activation, tx: Tx) -> Sequence[Event]:
    if isinstance(step, Transfer):
        await store.note_applied(tx, found.redemption_id, step)
        return await _change_hands(found, step, tx)
    await store.note_moved(tx, found.redemption_id, step)
    return await _relocate(found, step, tx)


async def _change_hands(found: Activation, transfer: Transfer, tx: Tx) -> Sequence[Event]:
    offer = await offer_of(found.brand, found.service_reference, tx)
    if transfer.ends(offer):
        return await end_service(found, transfer.last_billable_on, EndReason.TRANSFER, tx)
    assert transfer.to_customer_id is not None  # else it ends
    to = (transfer.to_customer_id, transfer.to_owner, transfer.to_organisation_id)
    if not await hand_over(found.activation_id, *to, tx):  # it ends early: that was agreed with the former customer
        return ()
    if found.last_day < policy_of(found.brand).day_of(tx.now):
        return ()
    product = replace(await product_behind(found, tx), customer_id=to[0], owner=to[1], organisation_id=to[2])
    licences = await hand_over_licences(found.activation_id, *to, tx)
    return [*await hand_over_line(found.activation_id, product, tx), *licences]


async def _relocate(found: Activation, move: Move, tx: Tx) -> Sequence[Event]:
    # where a service was given that was over by then stays true
    over = found.last_day < move.executed_on
    cleared = None if over else await assign_site(found.activation_id, None, tx)
    offer = await offer_of(found.brand, found.service_reference, tx)
    ended = await end_service(found, move.executed_on, EndReason.MOVE, tx) if move.ends(offer) else ()
    return [cleared, *ended] if cleared else ended


async def end_service(found: Activation, last_day: date, reason: EndReason, tx: Tx) -> Sequence[Event]:
    """A service ends early, its contract loses the line, and its software is maintained until then."""
    ended = await end(found.activation_id, last_day, reason, tx)
    if ended is None:
        return ()
    changed = await take_out(found.activation_id, ended.ended_on, tx)
    lapsed = await maintained_until(found.activation_id, ended.ended_on, tx)
    return [ended, *([changed] if changed else []), *lapsed]


async def product_behind(found: Activation, tx: Tx) -> Product:
    """The product of a service as far as it is known, whoever has it now."""
    known = await product_of(found.product_id, tx)
    return known or Product(
        product_id=found.product_id,
        brand=found.brand,
        serial=found.serial,
        model=found.model or "",
        purchased_on=None,
        warranty_ends_on=None,
        customer_id=found.customer_id,
        owner=found.owner,
        organisation_id=found.organisation_id,
        country=None,
    )

"""What the answer to a code, and a review, make of an item (ACT-02, ACT-05); the conductor calls these."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from activation_service.activations.handlers import running
from activation_service.offers.handlers import offer_of
from activation_service.policy import policy_of
from activation_service.requests import store
from activation_service.requests.domain import OPEN, Item, Outcome, name_of, shown
from activation_service.requests.outcomes import settled
from chassis.caller import Caller, Whose
from chassis.database import Tx
from event_schemas.activation import ActivationHeld, ActivationRefused, ActivationReleased
from event_schemas.activation_mail import ReviewAnswered
from event_schemas.registration import CertificateRedeemed, CodeRefused


async def item_of(request_id: UUID | None, tx: Tx) -> Item | None:
    """The item whose code was redeemed or refused, locked: `request_id` as in the facts; None when there is none."""
    return await store.lock(tx, request_id) if request_id else None


async def item_of_redemption(redemption_id: UUID, tx: Tx) -> Item | None:
    """The item that this redeemed unit is for, locked, once that was heard of."""
    return await store.lock_redeemed(tx, redemption_id)


async def item_seen(request_id: UUID, item_id: UUID, by: Caller, tx: Tx) -> Item | None:
    """An item of a request as far as the caller may see it, without a lock: its product is to be locked first."""
    found = await store.items(tx, Whose.seen_by(by), [request_id])
    return next((item for item in found if item.item_id == item_id), None)


async def hold(item: Item, event: CertificateRedeemed, tx: Tx) -> ActivationHeld | None:
    """The unit is redeemed, so that its code cannot lapse, and a person looks first; None when it is over already."""
    if item.state != "presented":
        return None
    held = replace(
        item, state="held", redemption_id=event.redemption_id, certificate_id=event.certificate_id, settled_at=tx.now
    )
    await store.update(tx, held)
    return held.held(await _name(held, tx))


async def release(item: Item, by: str, tx: Tx) -> tuple[ActivationReleased, ReviewAnswered]:
    """A held item, locked, may be activated; it stays `held` until `settle` is told of its service."""
    await store.update(tx, replace(item, reviewed_at=tx.now, reviewed_by=by))
    return item.released(await _name(item, tx))


async def refuse(item: Item, by: str, reason: str, tx: Tx) -> tuple[ActivationRefused, ReviewAnswered]:
    """A held item, locked, may not be activated; registration gives the unit back."""
    refused, answered = item.not_confirmed(await _name(item, tx), reason)
    reviewed = replace(item, reviewed_at=tx.now, reviewed_by=by, review_reason=reason)
    await store.update(tx, settled(reviewed, refused, None, tx.now))
    return refused, answered


async def settle(request_id: UUID | None, outcome: Outcome, tx: Tx) -> None:
    """Show what became of an item; without an item, or when it is over already, nothing changes."""
    item = await item_of(request_id, tx)
    if item is None:
        return
    after = settled(item, outcome, await _running(item, outcome, tx), tx.now)
    if after is not item:
        await store.update(tx, after)


async def call_off(request_id: UUID | None, redemption_id: UUID, tx: Tx) -> None:
    """The item's unit was taken back before it was heard to be redeemed: nothing comes of it (ACT-14)."""
    item = await item_of(request_id, tx)
    if item and item.state in OPEN:
        await store.update(tx, replace(item, state="cancelled", redemption_id=redemption_id, settled_at=tx.now))


async def _running(item: Item, outcome: Outcome, tx: Tx) -> Mapping[str, Any] | None:
    """What covers the product already, as far as that may be why the code or its unit was refused (ACT-06)."""
    if item.product_id is None or not isinstance(outcome, CodeRefused | ActivationRefused):
        return None
    found = await running(item.product_id, item.service_reference, tx)
    return shown(found, item.customer_id) if found else None


async def _name(item: Item, tx: Tx) -> str:
    offer = await offer_of(item.brand, item.service_reference, tx)
    return name_of(offer, item.service_reference, policy_of(item.brand).language)

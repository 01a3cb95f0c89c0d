"""Somebody has looked at the two addresses of a held activation and decides (ACT-05, L13)."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from activation_service.activations.handlers import hold_product
from activation_service.offers.handlers import offers_of
from activation_service.policy import Offer
from activation_service.redemptions import hands_store, store
from activation_service.redemptions.starting import begin, refusal, usable_offer
from activation_service.requests.domain import Item
from activation_service.requests.handlers import item_of, item_seen, refuse, release, settle
from activation_service.requests.views import Told, item_view
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.activation import ActivationRefusal
from event_schemas.registration import CertificateRedeemed

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ReleaseItem(BaseModel):
    """The service may be activated although the addresses differ."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


class RefuseItem(BaseModel):
    """The service may not be activated; its unit goes back."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: Reason = Field(examples=["The product stands at another company’s site."])
    """Told to the customer by mail, and shown with the request."""


async def release_item(
    _: ReleaseItem, tx: Tx, request_id: UUID, item_id: UUID, by: Caller, language: str
) -> Accepted | Refusal:
    """The held service starts now; if its offer is not given there any more, it is refused all the same."""
    item = await _held(request_id, item_id, by, tx)
    if isinstance(item, Refusal):
        return item
    unit = await _unit(item, tx)
    offer = await _still_usable(unit, tx)
    said: list[Event]
    if isinstance(offer, Offer):
        said = [*await release(item, by.subject, tx)]
        await store.decide_held(tx, unit.redemption_id, "activated")
        said += await begin(unit, offer, item, tx)
    else:  # the customer is told of the refusal alone, with its own reason
        refused = refusal(unit, offer)
        await _let_go(unit.redemption_id, tx)
        await settle(item.item_id, refused, tx)
        said = [refused]
    return await _accepted(item, said, by, language, tx)


async def refuse_item(
    command: RefuseItem, tx: Tx, request_id: UUID, item_id: UUID, by: Caller, language: str
) -> Accepted | Refusal:
    """The held service does not start; registration hears of it and gives the unit back."""
    item = await _held(request_id, item_id, by, tx)
    if isinstance(item, Refusal):
        return item
    unit = await _unit(item, tx)
    await _let_go(unit.redemption_id, tx)
    return await _accepted(item, await refuse(item, by.subject, command.reason, tx), by, language, tx)


async def _held(request_id: UUID, item_id: UUID, by: Caller, tx: Tx) -> Item | Refusal:
    """The item, held with its product, while it waits for a decision."""
    seen = await item_seen(request_id, item_id, by, tx)
    if seen is None or seen.product_id is None:
        return Refusal("not-found", 404)
    await hold_product(seen.product_id, tx)
    item = await item_of(item_id, tx)
    assert item is not None  # items are never deleted
    if item.state != "held":
        return Refusal("item-not-held", details={"state": item.state, "serial": item.serial})
    return item


async def _unit(item: Item, tx: Tx) -> CertificateRedeemed:
    """The redeemed unit of a held item."""
    assert item.redemption_id is not None  # a held one has its unit
    unit = await store.read(tx, item.redemption_id)
    assert unit is not None
    assert unit.held is not None
    return unit.held


async def _still_usable(unit: CertificateRedeemed, tx: Tx) -> Offer | ActivationRefusal:
    """The offer as things stand now; why not when the service would end before it starts, so that its unit is not lost.

    While it was held, the product may have moved abroad, or been sold without it (REG-17, REG-18).
    """
    offer = await usable_offer(unit, None, tx)
    sales = await hands_store.transfers_waiting(tx, unit.redemption_id)
    if isinstance(offer, Offer) and any(sale.ends(offer) for sale in sales):
        return ActivationRefusal.PRODUCT_PASSED_ON
    return offer


async def _let_go(redemption_id: UUID, tx: Tx) -> None:
    await store.decide_held(tx, redemption_id, "refused")
    await hands_store.drop_waiting(tx, redemption_id)


async def _accepted(item: Item, said: Sequence[Event], by: Caller, language: str, tx: Tx) -> Accepted:
    after = await item_of(item.item_id, tx)
    assert after is not None  # items are never deleted
    view = item_view(after, Told(language, await offers_of(item.brand, tx), by), tx.now)
    return Accepted(view, said, 200)

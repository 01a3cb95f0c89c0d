"""One item of an activation request is judged as far as that is possible without its code (ACT-02…ACT-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from activation_service.activations.handlers import running
from activation_service.codes.handlers import is_usable
from activation_service.policy import Offer, Policy
from activation_service.products.domain import Product
from activation_service.requests import checks, store
from activation_service.requests.asking import AskedItem, TypedItem
from activation_service.requests.domain import Item, Reason, shown
from activation_service.requests.store import Request
from activation_service.sites.domain import Site
from activation_service.sites.handlers import site_of
from activation_service.sites.match import compare
from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.http.problems import refusal_of
from chassis.transact import Refusal


@dataclass(frozen=True, slots=True)
class Asking:
    """What the items of one request have in common, and those that were looked at already."""

    request: Request
    by: Caller
    policy: Policy
    offers: list[Offer]
    items: list[Item] = field(default_factory=list)


async def judged(item: Item, typed: TypedItem, product: Product, asking: Asking, tx: Tx) -> Item:
    """The item, refused with its first fault or ready for its code to be presented; its product is locked."""
    try:
        asked = AskedItem.model_validate(typed.model_dump(exclude={"code"}))
    except ValidationError as error:
        return refused(item, reason_of(refusal_of(error.errors()[0])))
    offer = checks.fitting_offer(asked.service_reference, asking.offers, product.model)
    if isinstance(offer, Reason):
        return refused(item, offer)
    today = asking.policy.day_of(tx.now)
    bought = asking.policy.brand, offer.reference, asked.purchased_on
    wrong = checks.wrong_terms(asked.terms_version, offer) or checks.wrong_day(asked.purchased_on, offer, today)
    # bought when codes of the offer could be used for longer: that holds
    if wrong and not (wrong.code == checks.TOO_OLD and await is_usable(*bought, today, tx)):
        return refused(item, wrong)
    if service := await running(product.product_id, offer.reference, tx):
        reason = Reason("already-covered", "/service_reference", offer.reference)
        return refused(item, reason, shown(service, item.customer_id))
    waiting = await store.waiting_for(tx, product.product_id, offer.reference)
    known = await _shown(waiting, asking.by, tx)
    if wrong := checks.asked_already(item, asking.items, waiting, known):
        return refused(item, wrong)
    site = checks.usable_site(asked, await site_of(asked.site_number, asking.by, tx), offer, asking.policy)
    return refused(item, site) if isinstance(site, Reason) else _located(item, asked, site, product)


async def _shown(waiting: Sequence[Item], by: Caller, tx: Tx) -> set[UUID]:
    """Those of the requests of some items that the caller may see."""
    requests = [one.request_id for one in waiting]
    return {one.request_id for one in await store.items(tx, Whose.seen_by(by), requests)} if requests else set()


def refused(item: Item, reason: Reason, running: Mapping[str, Any] | None = None) -> Item:
    """The item, refused at once."""
    return replace(item, state="refused", reason=reason, running=running, settled_at=item.requested_at)


def reason_of(refusal: Refusal) -> Reason:
    """A refusal as it is kept with an item."""
    return Reason(refusal.code, refusal.pointer, refusal.value, refusal.accepted, refusal.details)


def _located(item: Item, asked: AskedItem, site: Site, product: Product) -> Item:
    found = compare(site.address, asked.product_address).differences
    moved = product.country not in (None, site.address.country) and "country" not in found
    return replace(
        item,
        terms_version=asked.terms_version,
        purchased_on=asked.purchased_on,
        site=site.ref,
        site_address=site.address,
        product_address=asked.product_address,
        differences=(*found, "country") if moved else found,
    )

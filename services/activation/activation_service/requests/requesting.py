"""Services are asked for by code: each is refused at once, or its code goes to registration (ACT-02, L04–L16)."""

from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from uuid6 import uuid7

from activation_service.activations.handlers import hold_product
from activation_service.offers.handlers import offers_of
from activation_service.policy import policy_of
from activation_service.products.domain import Product
from activation_service.products.naming import NamedProduct, find_product
from activation_service.requests import store
from activation_service.requests.asking import MOST, RequestActivation, TypedItem, code_typed
from activation_service.requests.domain import Item, Reason
from activation_service.requests.judging import Asking, judged, reason_of, refused
from activation_service.requests.store import Request
from activation_service.requests.views import Told, request_view
from chassis.caller import Caller
from chassis.database import Tx
from chassis.http.problems import refusal_of
from chassis.transact import Accepted, Refusal
from event_schemas.activation_codes import CodePresented


async def request_activation(command: RequestActivation, tx: Tx, by: Caller, language: str) -> Accepted | Refusal:
    """Keep the request and present the codes of what can go on; 202 with every item's state. Raises UnknownBrand.

    Items are looked at in their order: of the same service on the same product in one request the first one counts.
    """
    if (many := len(command.items)) > MOST:
        return Refusal("too-many-items", 422, "/items", many, MOST)
    policy = policy_of(command.brand)
    asking = Asking(Request(uuid7(), command.brand, tx.now), by, policy, await offers_of(command.brand, tx))
    products = [await _product(typed, asking, tx) for typed in command.items]
    for product_id in sorted({one.product_id for one in products if isinstance(one, Product)}):
        await hold_product(product_id, tx)
    codes: list[CodePresented] = []
    for typed, product in zip(command.items, products, strict=True):
        item = await _asked(typed, product, asking, tx)
        code = code_typed(typed)
        if code is None and item.state == "presented":
            item = refused(item, Reason("code-malformed", "/code"))
        if code is not None and item.state == "presented":
            codes.append(item.presented(code))
        asking.items.append(item)
    await store.add(tx, asking.request, by.owner, by.organisation, asking.items)
    view = request_view(asking.request, asking.items, Told(language, asking.offers, by), tx.now)
    return Accepted(view, codes, 202)


async def _product(typed: TypedItem, asking: Asking, tx: Tx) -> Product | Reason:
    told = typed.model_dump(include={"product_id", "serial", "model"})
    try:
        named = NamedProduct.model_validate({**told, "brand": asking.policy.brand})
    except ValidationError as error:
        return reason_of(refusal_of(error.errors()[0]))
    product = await find_product(named, asking.by, tx)
    if isinstance(product, Product):
        return product
    if product.code != "not-found":
        return reason_of(product)
    pointer, value = ("/product_id", typed.product_id) if typed.product_id else ("/serial", typed.serial)
    return Reason("product-not-registered", pointer, value)


async def _asked(typed: TypedItem, product: Product | Reason, asking: Asking, tx: Tx) -> Item:
    item = Item(
        item_id=uuid7(),
        request_id=asking.request.request_id,
        position=len(asking.items),
        brand=asking.policy.brand,
        state="presented",
        owner=asking.by.owner,
        organisation_id=asking.by.organisation,
        requested_at=tx.now,
        service_reference=typed.service_reference[:60],
    )
    if isinstance(product, Reason):
        return refused(replace(item, serial=(typed.serial or "")[:64] or None), product)
    names = ("product_id", "serial", "model", "customer_id")
    known: dict[str, Any] = {name: getattr(product, name) for name in names}
    return await judged(replace(item, **known), typed, product, asking, tx)

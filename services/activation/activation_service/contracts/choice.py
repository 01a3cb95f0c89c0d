"""Services that a contract shall cover, on products that the caller names (ACT-06, ACT-09, ACT-10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations.domain import Activation
from activation_service.activations.handlers import hold_product, running_on
from activation_service.contracts.domain import MOST_LINES
from activation_service.offers.domain import Listed, covers
from activation_service.offers.handlers import all_listed
from activation_service.policy import Offer, Reference, policy_of
from activation_service.products.domain import Product
from activation_service.products.handlers import product_of
from activation_service.products.naming import NAMED_BY, Label, NamedProduct, find_product
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Refusal


class CoveredProduct(BaseModel):
    """A product, by `product_id` or `serial` (with `model` where several have that number), and services for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    product_id: UUID | None = Field(None, examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    serial: Label | None = Field(None, examples=["7812345"])
    model: Label | None = Field(None, examples=["9009-42A"])
    service_references: Annotated[tuple[Reference, ...], Field(min_length=1, max_length=20)] = Field(
        examples=[["SPAC-ONSITE-36"]]
    )


Lines = Annotated[tuple[CoveredProduct, ...], Field(min_length=1, max_length=MOST_LINES)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An offer that may run on a product, and where in the command it is asked for."""

    product: Product
    offer: Offer
    pointer: str


async def choose(lines: Sequence[CoveredProduct], brand: str, by: Caller, tx: Tx) -> list[Chosen] | Refusal:
    """The products, held from now on, with the offers for them; or what is wrong with the first line that is wrong.

    All are one customer's. Raises UnknownBrand.
    """
    if (asked := sum(len(line.service_references) for line in lines)) > MOST_LINES:
        return Refusal("contract-too-many-lines", 422, "/lines", asked, MOST_LINES)
    products: list[Product] = []
    for place, line in enumerate(lines):
        found = await _find(line, brand, by, place, tx)
        if isinstance(found, Refusal):
            return found
        products.append(found)
    held = await _hold(products, tx)
    customer = held[products[0].product_id].customer_id
    catalogue = {one.offer.reference: one for one in await all_listed(brand, tx)}
    services = await running_on(list(held), tx)
    chosen: dict[tuple[UUID, str], Chosen] = {}
    for place, (line, product) in enumerate(zip(lines, products, strict=True)):
        now = held[product.product_id]
        if now.customer_id is None or now.customer_id != customer:
            return Refusal("contract-two-customers", 422, f"/lines/{place}", now.serial)
        for number, reference in enumerate(line.service_references):
            pointer = f"/lines/{place}/service_references/{number}"
            offer = _offer(catalogue, reference, now, policy_of(brand).day_of(tx.now), pointer)
            if isinstance(offer, Refusal):
                return offer
            if (now.product_id, reference) in chosen:
                return Refusal("contract-line-twice", 422, pointer, reference, details={"serial": now.serial})
            if already := covered(now, reference, pointer, services.get((now.product_id, reference))):
                return already
            chosen[now.product_id, reference] = Chosen(now, offer, pointer)
    return list(chosen.values())


def covered(product: Product, reference: str, pointer: str, service: Activation | None) -> Refusal | None:
    """That this service runs on the product already (ACT-06); None when none does."""
    if service is None:
        return None
    details = {
        "serial": product.serial,
        "activation_id": service.activation_id,
        "contract_number": service.contract_number or "–",
        "ends_on": service.last_day,
    }
    return Refusal("service-covered-already", 409, pointer, reference, details=details)


async def _find(line: CoveredProduct, brand: str, by: Caller, place: int, tx: Tx) -> Product | Refusal:
    pointer = f"/lines/{place}"
    if line.product_id is None and line.serial is None:
        return Refusal("product-not-named", 422, f"{pointer}/product_id", accepted=NAMED_BY.replace("brand and ", ""))
    named = NamedProduct(product_id=line.product_id, brand=brand, serial=line.serial, model=line.model)
    found = await find_product(named, by, tx, pointer)
    if isinstance(found, Refusal) and found.status == 404:
        name, value = ("serial", line.serial) if line.product_id is None else ("product_id", line.product_id)
        return Refusal("contract-product-unknown", 422, f"{pointer}/{name}", value)
    return found


async def _hold(products: Sequence[Product], tx: Tx) -> Mapping[UUID, Product]:
    """The products as they stand once nobody else can change what runs on them."""
    held: dict[UUID, Product] = {}
    for product_id in sorted({product.product_id for product in products}):
        await hold_product(product_id, tx)
        product = await product_of(product_id, tx)
        assert product is not None  # products are never deleted
        held[product_id] = product
    return held


def _offer(
    catalogue: Mapping[str, Listed], reference: str, product: Product, today: date, pointer: str
) -> Offer | Refusal:
    listed = catalogue.get(reference)
    details = {"serial": product.serial, "model": product.model}
    fitting = [one.offer.reference for one in catalogue.values() if one.on_sale and covers(one.offer, product.model)]
    if listed is None or not listed.on_sale or not covers(listed.offer, product.model):
        known = listed is not None and listed.on_sale
        code = "offer-not-for-model" if known else "offer-not-on-sale"
        return Refusal(code, 422, pointer, reference, fitting, details)
    offer = listed.offer
    if offer.countries is not None and product.country is not None and product.country not in offer.countries:
        return Refusal("offer-not-in-country", 422, pointer, product.country, list(offer.countries), details)
    ended = product.warranty_ends_on
    if offer.extends_warranty and ended is not None and ended < today:
        return Refusal("offer-after-warranty", 409, pointer, reference, details={**details, "warranty_ends_on": ended})
    return offer

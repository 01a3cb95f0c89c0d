"""A product that a command is about, named by id or by its label, as far as the caller may see it (REG-06)."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Refusal
from registration_service.policy import BrandName, policy_of
from registration_service.products import store
from registration_service.products.domain import Product, canonical
from registration_service.products.labels import Label


class NamedProduct(BaseModel):
    """Which product: `product_id`, or `brand` and `serial`, with `model` where several have the serial number."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    product_id: UUID | None = Field(None, examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    brand: BrandName | None = None
    serial: Label | None = Field(None, examples=["9H0123456X"])
    model: Label | None = Field(None, examples=["PT5B1E-0K601"])


async def find_named(named: NamedProduct, by: Caller, tx: Tx) -> Product | Refusal:
    """The one product that fits everything said; unknown and not seen are one refusal. Raises UnknownBrand."""
    if named.brand is not None:
        policy_of(named.brand)
    elif named.product_id is None:
        return Refusal("product-not-named", 422, "/product_id", accepted="product_id, or brand and serial")
    serial, model = named.serial and canonical(named.serial), named.model and canonical(named.model)
    if named.product_id is None and serial is None:
        return Refusal("product-not-named", 422, "/serial", accepted="product_id, or brand and serial")
    found = await _found(named, serial, model, Whose.seen_by(by), tx)
    if not found:
        return Refusal("not-found", 404)
    if len(found) > 1:
        models = sorted(product.model for product in found)
        return Refusal("model-ambiguous", 422, "/model", None, models, {"serial": serial})
    return found[0]


async def _found(named: NamedProduct, serial: str | None, model: str | None, whose: Whose, tx: Tx) -> list[Product]:
    if named.product_id is None:
        assert named.brand is not None
        assert serial is not None  # one of the two ways to name a product
        return await store.find_by_serial(tx, whose, named.brand, serial, model)
    product = await store.find(tx, whose, named.product_id)
    said = {"brand": named.brand, "serial": serial, "model": model}
    fits = product and all(said[name] in (None, getattr(product, name)) for name in said)
    return [product] if product and fits else []


async def lock_named(product: Product, by: Caller, tx: Tx) -> Product | Refusal:
    """A product found before, locked; as not found when it is not the caller's to see any more."""
    locked = await store.lock(tx, product.product_id)
    still = await store.find(tx, Whose.seen_by(by), product.product_id)
    return locked if locked and still else Refusal("not-found", 404)

"""A product that a command is about, named by id or by its label, as far as the caller may see it (ACT-06, REG-06)."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.policy import policy_of
from activation_service.products import store
from activation_service.products.domain import Product, canonical
from chassis.caller import Caller, Whose
from chassis.database import Pool, Tx
from chassis.transact import Refusal

Label = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A number as it is printed on the product or typed from it."""
NAMED_BY: Final = "product_id, or brand and serial"


class NamedProduct(BaseModel):
    """Which product: `product_id`, or `brand` and `serial`, with `model` where several have the serial number."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    product_id: UUID | None = Field(None, examples=["0199a3c4-7b10-7005-8a5e-4d1f6c2b0005"])
    brand: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(None, examples=["dynabook"])
    serial: Label | None = Field(None, examples=["9H0123456X"])
    model: Label | None = Field(None, examples=["PT5B1E-0K601"])


async def find_product(named: NamedProduct, by: Caller, db: Pool | Tx, pointer: str = "") -> Product | Refusal:
    """The one product that fits everything said; unknown and not seen are one refusal. Raises UnknownBrand.

    `pointer` is where in the body the product is named, e.g. `/items/0`.
    """
    if named.brand is not None:
        policy_of(named.brand)
    elif named.product_id is None:
        return Refusal("product-not-named", 422, f"{pointer}/product_id", accepted=NAMED_BY)
    serial, model = named.serial and canonical(named.serial), named.model and canonical(named.model)
    if named.product_id is None and serial is None:
        return Refusal("product-not-named", 422, f"{pointer}/serial", accepted=NAMED_BY)
    found = await _found(named, serial, model, Whose.seen_by(by), db)
    if not found:
        return Refusal("not-found", 404)
    if len(found) > 1:
        models = [product.model for product in found]
        return Refusal("model-ambiguous", 422, f"{pointer}/model", None, models, {"serial": serial})
    return found[0]


async def _found(
    named: NamedProduct, serial: str | None, model: str | None, whose: Whose, db: Pool | Tx
) -> list[Product]:
    if named.product_id is None:
        assert named.brand is not None
        assert serial is not None  # one of the two ways to name a product
        return await store.find_by_serial(db, whose, named.brand, serial, model)
    product = await store.find(db, whose, named.product_id)
    said = {"brand": named.brand, "serial": serial, "model": model}
    fits = product and all(said[name] in (None, getattr(product, name)) for name in said)
    return [product] if product and fits else []

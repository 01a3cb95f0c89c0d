"""What is shown of a registered product."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field

from chassis.database import Tx
from registration_service.products import store
from registration_service.products.domain import Product


class ProductView(BaseModel):
    """One registered unit."""

    product_id: UUID
    brand: str = Field(examples=["dynabook"])
    model: str = Field(examples=["PT5B1E-0K601"])
    serial: str = Field(examples=["9H0123456X"])
    purchased_on: date = Field(examples=["2026-11-20"])
    """Day of purchase: the standard warranty starts here and needs no registration (REG-14)."""
    warranty_ends_on: date = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID
    registered_at: datetime


async def view_of(product: Product, tx: Tx) -> ProductView:
    """A product for whoever registered it."""
    return product_view(await store.columns(tx, product.product_id))


def product_view(row: Record) -> ProductView:
    """A product by its columns."""
    told: dict[str, Any] = {name: row[name] for name in ProductView.model_fields}
    return ProductView(**told)

"""A service on a product, as those see it whose it is."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from activation_service.activations.domain import Activation, State
from activation_service.offers.handlers import offers_of
from chassis.database import Pool, Tx

Names = Mapping[tuple[str, str], str]
"""What services are called, by brand and reference."""


class ActivationView(BaseModel):
    """A service on a product, with its validity."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    activation_id: UUID
    brand: Annotated[str, Field(examples=["dynabook"])]
    product_id: UUID
    serial: Annotated[str, Field(examples=["9H0123456X"])]
    model: Annotated[str | None, Field(examples=["PT5B1E-0K601"])]
    customer_id: UUID
    service_reference: Annotated[str, Field(examples=["PPCP013FR-VGAD"])]
    service_name: Annotated[str, Field(examples=["Pack Pro Connect 3 ans"])]
    """In the reader's language."""
    response_level: Annotated[str, Field(examples=["on-site-next-business-day"])]
    state: State
    activated_at: AwareDatetime
    starts_on: date
    """First day, on the brand's calendar."""
    operational_at: AwareDatetime
    """When the set-up delay is over, also while it still lies ahead."""
    ends_on: date
    """Last day as bought or renewed, inclusive."""
    ended_on: date | None
    """Last day of a service that ends early, inclusive."""
    site_number: Annotated[str | None, Field(examples=["S-7KQ2-M9XA"])]
    contract_id: UUID | None
    contract_number: Annotated[str | None, Field(examples=["DY-2026-000042"])]
    terms_version: Annotated[str | None, Field(examples=["2026-01"])]
    """Which terms were accepted, where somebody accepted some."""
    request_id: UUID | None
    """The item of an activation request that asked for it, where there was one."""


async def names_of(services: Iterable[Activation], language: str, db: Pool | Tx) -> Names:
    """What the catalogue calls the services in a language."""
    brands = {one.brand for one in services}
    return {
        (brand, offer.reference): offer.name.speak(language) for brand in brands for offer in await offers_of(brand, db)
    }


def shown(found: Activation, names: Names) -> ActivationView:
    """A service under the name that the catalogue has for it, or the one that it started with."""
    view = ActivationView.model_validate(found)
    name = names.get((found.brand, found.service_reference), found.service_name)
    return view.model_copy(update={"service_name": name})


async def view_of(found: Activation, language: str, db: Pool | Tx) -> ActivationView:
    """One service in the reader's language."""
    return shown(found, await names_of([found], language, db))

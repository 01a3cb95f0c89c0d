"""What a product has and can have (ACT-04, ACT-06, L03, L20–L22)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from activation_service.activations.domain import Activation
from activation_service.activations.handlers import services_of
from activation_service.offers.domain import Listed, covers
from activation_service.offers.handlers import all_listed
from activation_service.policy import policy_of
from activation_service.products.domain import Product
from activation_service.requests.domain import name_of
from chassis.caller import Caller
from chassis.database import Pool


class ServiceOfProduct(BaseModel):
    """A service that the product has or had."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    activation_id: UUID
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""
    state: Literal["in_setup", "operational", "ended", "cancelled"]
    running: bool = Field(examples=[True])
    """It covers the product today, or will as soon as it is set up."""
    activated_at: AwareDatetime
    operational_at: AwareDatetime
    ends_on: date
    """Last day, inclusive; the earlier one of a service that ends before its time."""
    contract_number: str | None = Field(examples=["DY-2026-000042"])
    site_number: str | None = Field(examples=["S-7KQ2-M9XA"])


class ApplicableOffer(BaseModel):
    """An offer that is for this model."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    reference: str = Field(examples=["PPCP013FR-VGAD"])
    name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""
    duration_months: int = Field(examples=[36])
    response_level: str = Field(examples=["on-site-next-business-day"])
    terms_version: str = Field(examples=["2026-01"])
    """The terms to accept with `POST /activation-requests`."""
    code_days: int | None = Field(examples=[None])
    """Days from its purchase within which its code has to be used, last day included; null: no deadline."""
    on_sale: bool = Field(examples=[True])
    """False: no new orders; a code that was bought before can still be used."""
    already_running: bool = Field(examples=[False])
    """The product has it: a code for it would be refused."""


class ProductWithServices(BaseModel):
    """One registered product with what it has and can have."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    product_id: UUID
    brand: str = Field(examples=["dynabook"])
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    purchased_on: date | None = Field(examples=["2026-11-20"])
    warranty_ends_on: date | None = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID | None
    """Null: back with the lessor."""
    country: str | None = Field(examples=[None])
    """ISO 3166-1 alpha-2: where a move has brought it; null when it has not moved."""
    services: list[ServiceOfProduct]
    """Running and past ones, newest first."""
    applicable_offers: list[ApplicableOffer]


async def product_view(
    product: Product, caller: Caller, language: str, pool: Pool, now: datetime
) -> ProductWithServices:
    """A product that the caller may see, with those of its services that are theirs to see; `now` is aware."""
    offers, today = await all_listed(product.brand, pool), policy_of(product.brand).day_of(now)
    services = await services_of(product.product_id, pool)
    named = {one.offer.reference: one.offer for one in offers}
    running = {one.service_reference for one in services if one.last_day >= today and one.state != "cancelled"}
    told = {name: getattr(product, name) for name in ProductWithServices.model_fields if hasattr(product, name)}
    return ProductWithServices(
        **told,
        services=[
            _service(one, name_of(named.get(one.service_reference), one.service_reference, language), today)
            for one in services
            if _is_shown(one, product, caller)
        ],
        applicable_offers=[_offer(one, language, running) for one in offers if covers(one.offer, product.model)],
    )


def _is_shown(service: Activation, product: Product, caller: Caller) -> bool:
    """What a product had while it was another's is that customer's, unless the caller had to do with it (REG-06)."""
    sight = caller.sight
    if (sight.owner, sight.organisation_id) == (None, None) or service.customer_id == product.customer_id:
        return True
    shared = sight.organisation_id is not None and service.organisation_id == sight.organisation_id
    return shared or (service.owner == sight.owner) or (service.customer_id == sight.contact_id)


def _service(service: Activation, name: str, today: date) -> ServiceOfProduct:
    names = ("activation_id", "service_reference", "state", "activated_at", "operational_at", "contract_number")
    return ServiceOfProduct(
        **{one: getattr(service, one) for one in (*names, "site_number")},
        service_name=name,
        running=service.state != "cancelled" and service.last_day >= today,
        ends_on=service.last_day,
    )


def _offer(listed: Listed, language: str, running: set[str]) -> ApplicableOffer:
    offer, names = listed.offer, ("reference", "duration_months", "response_level", "terms_version", "code_days")
    return ApplicableOffer(
        **{one: getattr(offer, one) for one in names},
        name=offer.name.speak(language),
        on_sale=listed.on_sale,
        already_running=offer.reference in running,
    )

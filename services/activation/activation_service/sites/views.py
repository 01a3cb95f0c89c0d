"""A site as its account, logistics and staff see it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.sites.domain import Address, Site


class SiteView(BaseModel):
    """A place where services are given."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    site_number: str = Field(validation_alias="number", examples=["S-7KQ2-M9XA"])
    """What activations name it by."""
    brand: str = Field(examples=["d-link"])
    name: str = Field(examples=["Headquarters"])
    address: Address
    time_zone: str = Field(examples=["Europe/Brussels"])
    """By its calendar and clock the set-up of a service is counted."""
    contact_hint: str | None = Field(examples=["Ask for the server room at the reception."])
    customer_id: UUID | None
    created_at: datetime
    closed_at: datetime | None = Field(examples=[None])
    """Since then no service can be activated there; those that run go on."""


def site_view(site: Site) -> SiteView:
    """A site as an answer shows it."""
    return SiteView.model_validate(site)

"""What activation knows of a disputed product, for those who decide (ACT-13)."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations.domain import Activation, State
from activation_service.activations.handlers import services_of
from activation_service.contracts.domain import Contract
from activation_service.contracts.handlers import find as contract_of
from activation_service.disputes.domain import Dispute
from activation_service.policy import policy_of
from activation_service.products.handlers import product_of
from chassis.database import Pool


class KnownService(BaseModel):
    """A service that the product had or has."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    activation_id: UUID
    customer_id: UUID
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 ans"])
    state: State = Field(examples=["operational"])
    starts_on: date = Field(examples=["2026-11-01"])
    operational_at: datetime
    last_day: date = Field(examples=["2029-10-31"])
    """Last day, inclusive, also of one that ends early."""
    contract_number: str | None = Field(examples=["DY-2026-000118"])
    covers: bool = Field(examples=[True])
    """Whether it runs on the day for which cover was denied, and is set up in the course of that day at the latest."""


class KnownContract(BaseModel):
    """A contract of one of these services, as it stands."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)

    contract_id: UUID
    number: str = Field(examples=["DY-2026-000118"])
    customer_id: UUID
    state: str = Field(examples=["active"])
    opened_on: date = Field(examples=["2026-11-01"])
    starts_on: date = Field(examples=["2026-11-01"])
    ends_on: date = Field(examples=["2029-10-31"])
    last_billable_on: date | None = Field(examples=[None])


class Knowledge(BaseModel):
    """Product, services and contracts, seen from the day for which cover was denied."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    on: date = Field(examples=["2026-11-20"])
    purchased_on: date | None = Field(examples=["2026-11-01"])
    warranty_ends_on: date | None = Field(examples=["2027-10-31"])
    """Last day of the standard warranty, inclusive."""
    under_warranty: bool | None = Field(examples=[True])
    """Whether the standard warranty runs on that day; null when it is not known."""
    customer_id: UUID | None
    """Whose the product is now."""
    services: list[KnownService]
    """Newest first."""
    contracts: list[KnownContract]


async def knowledge_of(dispute: Dispute, pool: Pool) -> Knowledge:
    """All there is to know here about a disputed product on its day; nothing is asked of other services."""
    product = await product_of(dispute.product_id, pool)
    services = await services_of(dispute.product_id, pool)
    numbers = dict.fromkeys(one.contract_id for one in services if one.contract_id)
    contracts = [await contract_of(contract_id, None, pool) for contract_id in numbers]
    first = product.purchased_on if product else None
    last = product.warranty_ends_on if product else None
    return Knowledge(
        on=dispute.denied_on,
        purchased_on=first,
        warranty_ends_on=last,
        under_warranty=first <= dispute.denied_on <= last if first and last else None,
        customer_id=product.customer_id if product else None,
        services=[_service(one, dispute.denied_on) for one in services],
        contracts=[_contract(one) for one in contracts if one],
    )


def _service(service: Activation, day: date) -> KnownService:
    is_set_up = policy_of(service.brand).day_of(service.operational_at) <= day
    kept = {name: getattr(service, name) for name in KnownService.model_fields if name != "covers"}
    return KnownService(**kept, covers=is_set_up and service.runs_on(day))


def _contract(contract: Contract) -> KnownContract:
    return KnownContract.model_validate(contract)

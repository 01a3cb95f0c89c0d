"""A service on a product: what starts it, and what is known of it (ACT-01, ACT-07…ACT-09)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from activation_service.policy import Offer, Policy
from activation_service.products.domain import Product
from activation_service.sites.domain import SiteRef
from chassis.calendar import last_day

State = Literal["in_setup", "operational", "ended", "cancelled"]


@dataclass(frozen=True, slots=True)
class ContractRef:
    """The contract that a service is a line of."""

    contract_id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class NewService:
    """All that a service needs to start."""

    brand: str
    product: Product
    offer: Offer
    redemption_id: UUID
    """The entitlement it runs on: a redeemed unit of a certificate, or an id of its own under a contract."""
    customer_id: UUID
    site: SiteRef | None = None
    terms_version: str | None = None
    """Which terms were accepted, where somebody accepted some."""
    request_id: UUID | None = None
    contract: ContractRef | None = None
    starts_at: datetime | None = None
    """Aware; now when it is not given."""
    ends_on: date | None = None
    """Last day, inclusive; by the offer's duration when it is not given."""
    agreed: bool = False
    """Whether a contract brings it, and no unit of a certificate."""

    def first_day(self, policy: Policy, now: datetime) -> date:
        """The day on the brand's calendar on which it starts."""
        return policy.day_of(self.starts_at or now)

    def final_day(self, policy: Policy, now: datetime) -> date:
        """Its last day, inclusive."""
        return self.ends_on or last_day(self.first_day(policy, now), self.offer.duration_months)


@dataclass(frozen=True, slots=True)
class Activation:
    """A service on a product, as the table has it."""

    activation_id: UUID
    redemption_id: UUID
    brand: str
    product_id: UUID
    serial: str
    model: str | None
    """None for services of before models were kept."""
    service_reference: str
    service_name: str
    """In the brand's language, as public facts say it."""
    response_level: str
    customer_id: UUID
    owner: str
    organisation_id: UUID | None
    state: State
    activated_at: datetime
    starts_on: date
    """First day on the brand's calendar."""
    operational_at: datetime
    ends_on: date
    """Last day as bought or renewed, inclusive."""
    ended_on: date | None
    """Last day of one that ends early, inclusive."""
    cancelled_at: datetime | None
    site_number: str | None
    contract_id: UUID | None
    contract_number: str | None
    terms_version: str | None
    request_id: UUID | None

    @property
    def last_day(self) -> date:
        """The day to whose end it goes on, inclusive."""
        return min(self.ends_on, self.ended_on or self.ends_on)

    @property
    def is_live(self) -> bool:
        """Whether it neither ends early nor was cancelled; its last day may be over."""
        return self.state in ("in_setup", "operational")

    def runs_on(self, day: date) -> bool:
        """Whether it covers its product on a day of the brand's calendar, set up or not."""
        return self.state != "cancelled" and self.starts_on <= day <= self.last_day

    @property
    def contract(self) -> ContractRef | None:
        """The contract that it is a line of."""
        if self.contract_id is None or self.contract_number is None:
            return None
        return ContractRef(self.contract_id, self.contract_number)

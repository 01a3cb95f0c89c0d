"""Who pays for a repair: what was heard about a unit, a day and a moment in; a finding with its reasons out (TKT-09).

The order is what the person who asks would expect: a service that runs, because it gives more than the warranty; a
service in set-up, because the question then is *when*, with the standard warranty among the reasons if it runs too;
the standard warranty; otherwise the repair is billable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from event_schemas.tickets import CoverageReason, Verdict


@dataclass(frozen=True, slots=True)
class Product:
    """A registered unit."""

    product_id: UUID
    model: str
    customer_id: UUID | None
    """None when it is back from a lease: nobody uses it."""
    warranty_ends_on: date
    """Last day of the standard warranty, inclusive."""


@dataclass(frozen=True, slots=True)
class BoughtService:
    """A service active for the unit; one that was cancelled is never among them."""

    activation_id: UUID
    service_reference: str
    customer_id: UUID
    operational_at: datetime
    announced: bool
    """Whether activation has said that it is operational."""
    ends_on: date
    """Last day, inclusive."""
    never_operational: bool = False
    """Whether it ends before the day on which its set-up would have been over."""

    def is_operational(self, moment: datetime) -> bool:
        """The announcement counts when it came early, the promised moment when the announcement is late."""
        return self.announced or self.operational_at <= moment

    def covers(self, day: date) -> bool:
        """Whether it runs on a day, or will once it is set up."""
        return day <= self.ends_on and (self.announced or not self.never_operational)


@dataclass(frozen=True, slots=True)
class Unit:
    """What was heard about one serial number."""

    product: Product | None
    services: Sequence[BoughtService]

    @property
    def customer_id(self) -> UUID | None:
        """Whose unit it is: the product's customer, if anybody's; for an unknown product that of the newest service."""
        if self.product:
            return self.product.customer_id
        newest = max(self.services, key=lambda service: service.activation_id, default=None)
        return newest.customer_id if newest else None


@dataclass(frozen=True, slots=True)
class ModelUnclear:
    """The serial is registered with these models, and it was not said which of them is meant."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and what it stands on."""

    verdict: Verdict
    reasons: tuple[CoverageReason, ...]
    covered_until: date | None
    operational_at: datetime | None
    activation_id: UUID | None
    service_reference: str | None
    rule_version: str

    def promises_the_same_as(self, other: "Finding") -> bool:
        """Whether the customer would be told the same; further reasons or a newer rule alone are no news."""
        return (self.verdict, self.covered_until, self.operational_at, self.activation_id) == (
            other.verdict,
            other.covered_until,
            other.operational_at,
            other.activation_id,
        )


def pick(products: Sequence[Product], model: str | None) -> Product | ModelUnclear | None:
    """The product that is meant: serials are unique per model only (REG-13)."""
    meant = [product for product in products if model in (None, product.model)]
    if len(meant) == 1:
        return meant[0]
    return ModelUnclear(tuple(sorted({product.model for product in products}))) if products else None


def decide(unit: Unit, day: date, moment: datetime, rule_version: str) -> Finding:
    """The finding for a request made on `day` (the brand's calendar), as known at `moment` (aware).

    Days of cover are compared with the day of the request, inclusive, so that a long repair costs nobody the cover.
    """
    in_force = [service for service in unit.services if service.covers(day)]
    running = [service for service in in_force if service.is_operational(moment)]
    warranty = _warranty_reasons(unit.product, day)
    under_warranty = CoverageReason.WITHIN_STANDARD_WARRANTY in warranty
    besides = warranty if under_warranty else ()
    if running:
        best = max(running, key=lambda service: (service.ends_on, service.activation_id))
        reasons = (CoverageReason.SERVICE_OPERATIONAL, *besides)
        return _by_service(Verdict.CONTRACT, reasons, best, None, rule_version)
    if in_force:
        first = min(in_force, key=lambda service: (service.operational_at, service.activation_id))
        reasons = (CoverageReason.SERVICE_IN_SETUP, *besides)
        return _by_service(Verdict.CONTRACT_IN_SETUP, reasons, first, first.operational_at, rule_version)
    reasons = (*warranty, CoverageReason.SERVICE_OVER) if unit.services else warranty
    if unit.product and under_warranty:
        until = unit.product.warranty_ends_on
        return Finding(Verdict.STANDARD_WARRANTY, reasons, until, None, None, None, rule_version)
    return Finding(Verdict.BILLABLE, reasons, None, None, None, None, rule_version)


def _warranty_reasons(product: Product | None, day: date) -> tuple[CoverageReason, ...]:
    if product is None:
        return (CoverageReason.PRODUCT_UNKNOWN,)
    runs = day <= product.warranty_ends_on
    return (CoverageReason.WITHIN_STANDARD_WARRANTY if runs else CoverageReason.STANDARD_WARRANTY_OVER,)


def _by_service(
    verdict: Verdict,
    reasons: tuple[CoverageReason, ...],
    service: BoughtService,
    operational_at: datetime | None,
    rule_version: str,
) -> Finding:
    return Finding(
        verdict,
        reasons,
        service.ends_on,
        operational_at,
        service.activation_id,
        service.service_reference,
        rule_version,
    )

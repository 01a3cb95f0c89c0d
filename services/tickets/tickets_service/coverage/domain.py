"""Who pays for a repair: what was heard about a unit, a day and a moment in; a finding with its reasons out (TKT-09).

The order is what the person who asks would expect: a service that runs, because it gives more than the warranty; a
service in set-up, because the question then is *when*, with the standard warranty among the reasons if it runs too;
the standard warranty; otherwise the repair is billable. Cover that staff acknowledged in a dispute counts where it is
more than that: by a service as one that runs, else as the standard warranty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from event_schemas.tickets import CoverageReason, Verdict
from tickets_service.coverage.acknowledgements import Acknowledgement, best_of

GIVES: Final = (Verdict.BILLABLE, Verdict.CONTRACT_IN_SETUP, Verdict.STANDARD_WARRANTY, Verdict.CONTRACT)
"""Verdicts by what they give on the day, the least first."""


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
    """Whether its last day is before the one on which its set-up would be over."""

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
    acknowledged: Sequence[Acknowledgement] = ()

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


def decide(unit: Unit, day: date, moment: datetime, rule_version: str, ticket_id: UUID | None = None) -> Finding:
    """The finding for a request made on `day` (the brand's calendar), as known at `moment` (aware).

    Days of cover are compared with the day of the request, inclusive, so that a long repair costs nobody the cover.
    `ticket_id` is the repair's once it is opened: a dispute may be about that one alone (ACT-13).
    """
    found = _by_what_runs(unit, day, moment, rule_version)
    best = best_of(unit.acknowledged, ticket_id, day)
    if best is None:
        return found
    acknowledged = _by_dispute(best, unit, rule_version)
    return acknowledged if GIVES.index(acknowledged.verdict) > GIVES.index(found.verdict) else found


def _by_dispute(decided: Acknowledgement, unit: Unit, rule_version: str) -> Finding:
    by_service = decided.activation_id is not None
    verdict = Verdict.CONTRACT if by_service else Verdict.STANDARD_WARRANTY
    named = (one.service_reference for one in unit.services if one.activation_id == decided.activation_id)
    until, reasons = decided.covered_until, (CoverageReason.DISPUTE_DECIDED,)
    return Finding(verdict, reasons, until, None, decided.activation_id, next(named, None), rule_version)


def _by_what_runs(unit: Unit, day: date, moment: datetime, rule_version: str) -> Finding:
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

"""What is true of a service on a day (REG-23)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

State = Literal["registered", "active", "operational", "ended"]


@dataclass(frozen=True, slots=True)
class Activation:
    """What one fact says of an activation; facts may come in any order, and more than once."""

    activation_id: UUID
    product_id: UUID
    service_reference: str
    redemption_id: UUID | None = None
    """Of the unit that it runs on; one that a contract brought has an id that no unit has (ACT-09)."""
    is_operational: bool = False
    operational_at: datetime | None = None
    ends_on: date | None = None
    ended_on: date | None = None
    """Last day of a service that ends sooner than was planned."""
    activated_at: datetime | None = None
    cancelled: bool = False
    """Whether it was activated in error and never counted (ACT-14)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What all facts so far say of an activation."""

    ends_on: date | None
    ended_on: date | None
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A product with one of its services, redeemed or brought by a contract, or with none."""

    model: str
    purchased_on: date
    warranty_ends_on: date
    service_reference: str | None
    is_operational: bool | None
    """None until the service is known to be active."""
    operational_at: datetime | None
    ends_on: date | None
    """Last day, whether planned or brought forward."""
    ended_early: bool

    def state_on(self, today: date) -> State:
        """The service's state on a day; its last day is inclusive."""
        if self.ends_on is None:
            return "registered"
        if self.ends_on < today:
            return "ended"
        return "operational" if self.is_operational else "active"

    def operational_from(self, zone: ZoneInfo) -> datetime | None:
        """When the set-up is over; None when the service ends, in the brand's `zone`, on a day before."""
        if self.operational_at is None or self.ends_on is None or self.is_operational or not self.ended_early:
            return self.operational_at
        return self.operational_at if self.operational_at.astimezone(zone).date() <= self.ends_on else None


def by_product(lines: Sequence[Line]) -> Iterator[tuple[Line, list[Line]]]:
    """Each product (as one of its lines) with the lines of its services; `lines` are sorted by model."""
    for _, of_one in groupby(lines, key=lambda line: line.model):
        together = list(of_one)
        yield together[0], [line for line in together if line.service_reference]


def still_told(lines: Sequence[Line], today: date) -> list[Line]:
    """A product's services in their order, without those that ended and were registered anew since."""
    newest = {line.service_reference: line for line in lines}
    return [line for line in lines if newest[line.service_reference] is line or line.state_on(today) != "ended"]

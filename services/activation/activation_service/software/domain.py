"""A licence: who holds it, until when it is maintained, and what it entitles to (ACT-12)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from activation_service.policy import Policy, Reinstatement
from chassis.calendar import last_day
from chassis.caller import FILES_ALL, Caller
from event_schemas.activation_contracts import LicenceIssued, LicenceMaintenanceLapsed, LicenceMaintenanceReinstated
from event_schemas.base import Money

State = Literal["issued", "awaiting_key", "revoked"]
Maintenance = Literal["running", "lapsed"]
Side = Literal["holder", "staff", "service"]
"""Who did something to a licence: whose it is, those who see every file, or this service by itself."""
ITSELF: Final = "activation"
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Licence:
    """One program on one product; its key is kept apart."""

    licence_id: UUID
    brand: str
    software: str
    software_name: str
    product_id: UUID
    serial: str
    model: str
    customer_id: UUID
    owner: str
    organisation_id: UUID | None
    activation_id: UUID
    """The service that maintains it longest."""
    maintained_until: date
    """Last day with maintenance, inclusive; that of a reinstatement where it is the later one."""
    created_at: datetime
    issued_at: datetime | None = None
    """When it got its key; None while it waits for one."""
    lapsed_on: date | None = None
    """First day without maintenance, once that was said."""
    revoked_at: datetime | None = None

    @property
    def state(self) -> State:
        if self.revoked_at:
            return "revoked"
        return "issued" if self.issued_at else "awaiting_key"

    def maintenance(self, today: date) -> Maintenance:
        """Whether it entitles to upgrades and support on the brand's day."""
        return "running" if today <= self.maintained_until and not self.revoked_at else "lapsed"

    @property
    def first_day_without(self) -> date:
        """The day on which maintenance lapses, or has lapsed."""
        return self.maintained_until + DAY

    @property
    def _told(self) -> dict[str, Any]:
        names = ("brand", "licence_id", "product_id", "serial", "customer_id", "software", "activation_id")
        return {name: getattr(self, name) for name in names}

    def issued(self) -> LicenceIssued:
        """The fact that its key is there; the key stays here."""
        return LicenceIssued(**self._told, maintained_until=self.maintained_until)

    def lapsed(self, policy: Policy) -> LicenceMaintenanceLapsed:
        """The fact that there are no upgrades any more."""
        first = self.first_day_without
        return LicenceMaintenanceLapsed(
            **self._told, lapsed_on=first, reinstatable_until=reinstatable_until(first, policy.reinstatement)
        )

    def reinstated(self, fee: Money) -> LicenceMaintenanceReinstated:
        """The fact that upgrades are there again."""
        return LicenceMaintenanceReinstated(**self._told, maintained_until=self.maintained_until, fee=fee)


def side_of(caller: Caller) -> Side:
    """On which side a caller acts."""
    return "staff" if FILES_ALL in caller.scopes else "holder"


def reinstatable_until(lapsed_on: date, rule: Reinstatement | None) -> date | None:
    """Last day on which maintenance can be taken up again for a fee; None when the brand asks for a new licence."""
    return last_day(lapsed_on, rule.within_months) if rule and rule.within_months else None


@dataclass(frozen=True, slots=True)
class Quote:
    """What taking maintenance up again costs on a day, with its arithmetic."""

    lapsed_on: date
    quoted_on: date
    months: int
    """Months without maintenance; a started one counts as a whole."""
    fee: Money
    fee_per_month: Money
    total: Money
    maintained_until: date
    """Last day of the maintenance that it buys, inclusive."""


def quote(lapsed_on: date, today: date, rule: Reinstatement) -> Quote:
    """The fee on the brand's day `today`, which is not before `lapsed_on`: fee + months × fee_per_month."""
    months = started_months(lapsed_on, today)
    total: Decimal = rule.fee.amount + months * rule.fee_per_month.amount
    return Quote(
        lapsed_on=lapsed_on,
        quoted_on=today,
        months=months,
        fee=rule.fee,
        fee_per_month=rule.fee_per_month,
        total=Money(amount=total, currency=rule.fee.currency),
        maintained_until=last_day(today, rule.term_months),
    )


def started_months(first: date, day: date) -> int:
    """How many months of the calendar have begun from `first` to `day`, both inclusive; months end as terms do."""
    months = max(1, (day.year - first.year) * 12 + day.month - first.month)
    while last_day(first, months) < day:
        months += 1
    return months

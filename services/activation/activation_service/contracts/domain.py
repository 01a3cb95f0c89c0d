"""A contract: one customer, one term, services on products that all end with it (ACT-09, ACT-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from activation_service.activations.domain import ContractRef
from activation_service.policy import Contracts
from chassis.calendar import last_day
from event_schemas.activation_contracts import (
    ContractChanged,
    ContractExpired,
    ContractExpiring,
    ContractLine,
    ContractOpened,
    ContractRenewed,
    ContractTerminated,
    Party,
    TerminationReason,
)

State = Literal["active", "expired", "terminated"]
ITSELF: Final = "activation"
"""Who did what nobody asked for: this service."""
MORNING: Final = time(9)
"""When reminders are said, in the brand's time zone: nobody is written to at midnight."""
MOST_LINES: Final = 500
"""Lines that run at a time in one contract: what one fact about all of them can carry."""


@dataclass(frozen=True, slots=True)
class Line:
    """One service on one product, under one contract."""

    activation_id: UUID
    contract_id: UUID
    product_id: UUID
    serial: str
    model: str
    service_reference: str
    added_on: date
    removed_on: date | None = None
    """Last billable day of a line that went out, inclusive; it may be to come."""
    cancelled: bool = False
    """It came in by mistake and never counted."""

    @property
    def told(self) -> ContractLine:
        """The line as facts carry it."""
        return ContractLine(
            activation_id=self.activation_id,
            product_id=self.product_id,
            serial=self.serial,
            model=self.model,
            service_reference=self.service_reference,
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as it stands; days are those of the brand's calendar."""

    contract_id: UUID
    number: str
    brand: str
    customer_id: UUID
    owner: str
    organisation_id: UUID | None
    certificate_id: UUID | None
    """Whose units opened it; None: it was agreed without certificates."""
    follows_contract_id: UUID | None
    """A former customer's, whose products came with their services; None: it follows none."""
    opened_on: date
    """First day of its first term: from here the minimum months of a notice count."""
    starts_on: date
    """First day of the term that was agreed last: to come, when it was renewed ahead."""
    ends_on: date
    """Last day of the term that was agreed last, inclusive."""
    opened_at: datetime
    state: State = "active"
    terminated_by: Literal["customer", "vendor"] | None = None
    termination_reason: str | None = None
    noticed_on: date | None = None
    last_billable_on: date | None = None
    """Last day of a contract that ends before its term, inclusive; while it is to come, `state` stays `active`."""
    reminded_days: int | None = None
    """The reminder of this term that counts as said, in days before its end: the last one, or the last one missed."""

    @property
    def ref(self) -> ContractRef:
        """How a service names its contract."""
        return ContractRef(self.contract_id, self.number)

    @property
    def last_day(self) -> date:
        """The last day on which it covers anything, as things stand."""
        return self.ends_on if self.last_billable_on is None else self.last_billable_on

    @property
    def ends_without_lines(self) -> bool:
        """Whether its last line has gone or is going."""
        return self.termination_reason == TerminationReason.NO_LINES

    def runs(self, today: date) -> bool:
        """Whether it covers this day and goes on to the end of its term: no notice was given."""
        return self.state == "active" and self.last_billable_on is None and today <= self.ends_on

    @property
    def _told(self) -> dict[str, Any]:
        return {
            "agreed": self.certificate_id is None and self.follows_contract_id is None,
            "brand": self.brand,
            "contract_id": self.contract_id,
            "contract_number": self.number,
            "customer_id": self.customer_id,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
        }

    def opened(self, lines: Iterable[Line]) -> ContractOpened:
        """The fact that it is there, with its first lines."""
        return ContractOpened(**self._told, lines=tuple(line.told for line in lines))

    def changed(self, added: Iterable[Line] = (), removed: Iterable[Line] = ()) -> ContractChanged:
        """The fact that lines came in or went out."""
        into, out = (tuple(line.told for line in lines) for lines in (added, removed))
        return ContractChanged(**self._told, added=into, removed=out)

    def renewed(self, previous_ends_on: date, *, seamless: bool) -> ContractRenewed:
        """The fact that it has another term, which is this one's already."""
        return ContractRenewed(**self._told, previous_ends_on=previous_ends_on, seamless=seamless)

    def expiring(self, today: date, rules: Contracts) -> ContractExpiring:
        """The fact that it ends in so many days."""
        until = renewal_window(self.ends_on, rules)[1]
        return ContractExpiring(**self._told, days_left=(self.ends_on - today).days, renewable_until=until)

    def expired(self, rules: Contracts) -> ContractExpired:
        """The fact that its last day is over."""
        until = renewal_window(self.ends_on, rules)[1] if rules.renewable_days_after else None
        return ContractExpired(**self._told, renewable_until=until)

    def terminated(self) -> ContractTerminated:
        """The fact that it ends before its term, on the last billable day that it has already."""
        assert self.noticed_on is not None
        assert self.last_billable_on is not None
        return ContractTerminated(
            **self._told,
            by=Party(self.terminated_by) if self.terminated_by else None,
            reason=TerminationReason(self.termination_reason or TerminationReason.NO_LINES),
            noticed_on=self.noticed_on,
            last_billable_on=self.last_billable_on,
        )


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day, inclusive, and whether it follows the one before without a gap."""

    starts_on: date
    ends_on: date
    seamless: bool


def renewal_window(ends_on: date, rules: Contracts) -> tuple[date, date]:
    """First and last day, inclusive, on which a term that ends so can be renewed (I09)."""
    before, after = timedelta(days=rules.renewable_days_before), timedelta(days=rules.renewable_days_after)
    return ends_on - before, ends_on + after


def next_term(ends_on: date, months: int, today: date, rules: Contracts) -> Term:
    """The term after one that ends so, when it is renewed today: the next day, or today when it is late and `anew`."""
    seamless = today <= ends_on or rules.late_renewal == "seamless"
    starts_on = ends_on + timedelta(days=1) if seamless else today
    return Term(starts_on, last_day(starts_on, months), seamless)


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time in a zone, in UTC; where clocks leave it out, as if they had not been changed yet."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def reminder_at(ends_on: date, days: int, zone: ZoneInfo) -> datetime:
    """When a customer is reminded so many days before the end."""
    return moment_of(ends_on - timedelta(days=days), MORNING, zone)


def reminded(ends_on: date, rules: Contracts, now: datetime, zone: ZoneInfo) -> int | None:
    """The latest reminder whose moment has come, in days before the end; None as long as none has."""
    return min((days for days in rules.reminder_days if reminder_at(ends_on, days, zone) <= now), default=None)


def next_reminder(contract: Contract, rules: Contracts) -> int | None:
    """The reminder after those that count as said, in days before the end."""
    said = contract.reminded_days
    return max((days for days in rules.reminder_days if said is None or days < said), default=None)

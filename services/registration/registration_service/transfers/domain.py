"""A product changes hands: from when, and until when the former customer pays (REG-17, I11–I14)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from event_schemas.registration_cases import ProductTransferred, TransferKind, TransferReported, TransferWithdrawn

Kind = Literal["lease_return", "sale"]
State = Literal["pending", "transferred", "withdrawn"]


def last_billable_day(transferred_on: date, reported_on: date, notice_months: int) -> date:
    """The last day charged to the former customer, inclusive: the later of the transfer and the end of the notice.

    The notice ends on the day of the report, so many months later: 15 January and one month give 15 February. Where
    that month has no such day it is the month's last: 31 January gives 28 or 29 February. No notice ends on the day of
    the report itself, so that a transfer reported late is charged until it is reported.
    """
    return max(transferred_on, reported_on + relativedelta(months=notice_months))


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone, in UTC; where clocks leave midnight out, the moment at which they jump."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Transfer:
    """A reported change of hands."""

    transfer_id: UUID
    brand: str
    product_id: UUID
    serial: str
    model: str
    kind: Kind
    state: State
    from_customer_id: UUID
    to_customer_id: UUID | None
    """None when a leased product goes back: nobody uses it."""
    transferred_on: date
    takes_effect_on: date
    """The day of the transfer, or that of its report when it came later; while a contest lasts, the next day."""
    last_billable_on: date
    reason: str | None
    financing_number: str | None
    owner: str
    organisation_id: UUID | None
    by_customer: bool
    """Whether the former customer reported it, not their dealer."""
    reported_at: datetime
    settled_at: datetime | None = None

    def put_off_to(self, day: date) -> "Transfer":
        """The same with a later day; until then the product is the former customer's, who pays for it."""
        return replace(self, takes_effect_on=day, last_billable_on=max(self.last_billable_on, day))

    def has_waited(self, zone: ZoneInfo) -> bool:
        """Whether a contest has put it off; one whose timer merely goes off late has not waited."""
        return self.takes_effect_on > max(self.transferred_on, self.reported_at.astimezone(zone).date())

    def reported(self) -> TransferReported:
        """The fact that the product will change hands; the reason stays here."""
        return TransferReported(
            brand=self.brand,
            product_id=self.product_id,
            transfer_id=self.transfer_id,
            serial=self.serial,
            model=self.model,
            kind=TransferKind(self.kind),
            customer_id=self.from_customer_id,
            transferred_on=self.transferred_on,
            last_billable_on=self.last_billable_on,
        )

    def transferred(
        self, redemption_ids: tuple[UUID, ...], owner: str, organisation_id: UUID | None
    ) -> ProductTransferred:
        """The fact that it has, with what was running on it and whose file it is now."""
        return ProductTransferred(
            brand=self.brand,
            product_id=self.product_id,
            transfer_id=self.transfer_id,
            serial=self.serial,
            model=self.model,
            kind=TransferKind(self.kind),
            from_customer_id=self.from_customer_id,
            to_customer_id=self.to_customer_id,
            transferred_on=self.transferred_on,
            takes_effect_on=self.takes_effect_on,
            last_billable_on=self.last_billable_on,
            redemption_ids=redemption_ids,
            organisation_id=organisation_id,
            registered_by=owner or None,
        )

    def withdrawn(self) -> TransferWithdrawn:
        """The fact that it does not take place."""
        return TransferWithdrawn(
            brand=self.brand,
            product_id=self.product_id,
            transfer_id=self.transfer_id,
            serial=self.serial,
            model=self.model,
            customer_id=self.from_customer_id,
        )

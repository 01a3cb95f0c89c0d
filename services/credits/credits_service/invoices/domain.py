"""Which invoices are accepted (CRD-01)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.transact import Refusal
from credits_service.policy import Policy
from event_schemas import Money
from event_schemas.credits import InvoiceRecorded


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a unit was sold for."""

    invoice_id: UUID
    brand: str
    invoice_number: str
    serial: str
    invoiced_on: date
    price: Money

    def objection(self, policy: Policy, now: datetime) -> Refusal | None:
        """Why the brand does not accept it; `now` is aware."""
        today = policy.day_of(now)
        if self.invoiced_on > today:
            return Refusal("invoice-of-the-future", 422, "/invoiced_on", self.invoiced_on, f"<= {today}")
        if self.price.currency not in policy.currencies:
            accepted = ", ".join(policy.currencies)
            return Refusal("currency-not-accepted", 422, "/price/currency", self.price.currency, accepted)
        return None

    def fact(self) -> InvoiceRecorded:
        """The invoice as others hear of it."""
        return InvoiceRecorded(
            brand=self.brand,
            invoice_id=self.invoice_id,
            invoice_number=self.invoice_number,
            serial=self.serial,
            invoiced_on=self.invoiced_on,
            price=self.price,
        )

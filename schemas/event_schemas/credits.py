"""What credits says: money back for a returned unit, with its arithmetic (CRD-01, CRD-02)."""

from datetime import date

from event_schemas.base import Event, Id, Money, OpenEnum, Percent, Serial


class InvoiceRecorded(Event, type="invoice.recorded", version=1, key="invoice_id"):
    """The invoice of a unit is known; it is the base of a later credit."""

    invoice_id: Id
    invoice_number: str
    serial: Serial
    invoiced_on: date
    price: Money


class CreditRequested(Event, type="credit.requested", version=1, key="credit_id"):
    """An accepted return opens a credit."""

    credit_id: Id
    ticket_id: Id
    serial: Serial
    customer_id: Id
    grms_number: str


class CreditIssued(Event, type="credit.issued", version=1, key="credit_id"):
    """amount = base x (100 - depreciation_percent) / 100, rounded half up to the cent."""

    credit_id: Id
    ticket_id: Id
    serial: Serial
    customer_id: Id
    grms_number: str
    invoice_number: str
    base: Money
    age_months: int
    """Full months from the invoice to the acceptance of the return."""
    depreciation_percent: Percent
    amount: Money


class CreditRefusal(OpenEnum):
    """Why no money is due."""

    ALREADY_CREDITED = "already_credited"


class CreditRefused(Event, type="credit.refused", version=1, key="credit_id"):
    """No money is due for this return."""

    credit_id: Id
    ticket_id: Id
    serial: Serial
    customer_id: Id
    grms_number: str
    reason: CreditRefusal

"""An invoice is recorded, and the credit that waited for it is issued (CRD-01, CRD-02)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticKnownError
from uuid6 import uuid7

from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from credits_service.invoices import store
from credits_service.invoices.domain import Invoice
from credits_service.ledger.domain import Price
from credits_service.ledger.handlers import price_unit
from credits_service.policy import policy_of
from event_schemas import Money


def _amount_as_text(value: Any) -> Any:
    if isinstance(value, str | Decimal):
        return value
    raise PydanticKnownError("decimal_parsing")  # a JSON number may have been a float on its way


def _day_as_text(value: Any) -> Any:
    if isinstance(value, str | date):
        return value
    raise PydanticKnownError("date_type")  # a bare number would pass as seconds since 1970


Amount = Annotated[
    Decimal,
    Field(gt=0, max_digits=12, decimal_places=2),
    BeforeValidator(_amount_as_text),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}),
]
Number = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Serial = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+$")
]


class InvoicePrice(BaseModel):
    """What the unit was sold for."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    amount: Annotated[Amount, Field(examples=["450.00"])]
    """More than nothing, as text with at most two decimals."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])] = "EUR"
    """ISO 4217, one that the brand invoices in."""


class RecordInvoice(BaseModel):
    """The invoice of one unit."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    brand: Annotated[str, Field(min_length=1, max_length=40, examples=["dynabook"])]
    """The brand whose policy applies."""
    invoice_number: Annotated[Number, Field(examples=["INV-2026-10233"])]
    """The seller's number, once for a brand."""
    serial: Annotated[Serial, Field(examples=["9H0123456X"])]
    """Of the unit; small letters are taken for capitals."""
    invoiced_on: Annotated[date, BeforeValidator(_day_as_text), Field(examples=["2026-01-15"])]
    """Not in the future; the unit's age counts from here."""
    price: InvoicePrice


class RecordedInvoice(BaseModel):
    """The invoice is kept."""

    invoice_id: UUID


async def record_invoice(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
    """The invoice, and in the same transaction the credit that waited for it; raises UnknownBrand."""
    price = Money(amount=command.price.amount, currency=command.price.currency)
    number, day = command.invoice_number, command.invoiced_on
    invoice = Invoice(uuid7(), command.brand, number, command.serial, day, price)
    if objection := invoice.objection(policy_of(command.brand), tx.now):
        return objection
    if not await store.add(tx, invoice):
        return Refusal("invoice-exists", 409, "/invoice_number", number)
    credit = await price_unit(tx, invoice.brand, invoice.serial, Price(number, day, price))
    facts = (invoice.fact(), credit) if credit else invoice.fact()
    return Accepted(RecordedInvoice(invoice_id=invoice.invoice_id), facts)

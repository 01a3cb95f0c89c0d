"""A service with one command and one deed, so that the chassis is measured and not a service."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from chassis.database import Tx
from chassis.http.commands import Run, command
from chassis.policies import BrandPolicy, PolicyBook
from chassis.routes import on
from chassis.service import Service
from chassis.transact import Accepted
from event_schemas.base import Money
from event_schemas.credits import InvoiceRecorded

TABLE: Final = "CREATE TABLE seen (invoice_id uuid PRIMARY KEY, serial text NOT NULL)"
INSERT: Final = "INSERT INTO seen VALUES ($1, $2)"
router: Final = APIRouter()


class RecordInvoice(BaseModel):
    """The command of both sides."""

    model_config = ConfigDict(extra="forbid")

    invoice_number: str
    serial: str
    invoiced_on: date
    price: Money


class Recorded(BaseModel):
    """The answer of both sides."""

    invoice_id: UUID


def fact_of(body: RecordInvoice, invoice_id: UUID) -> InvoiceRecorded:
    """The event of a command."""
    return InvoiceRecorded(brand="bench", invoice_id=invoice_id, **dict(body))


async def record_invoice(body: RecordInvoice, tx: Tx) -> Accepted:
    """One insert, one fact."""
    invoice_id = uuid4()
    await tx.execute(INSERT, invoice_id, body.serial)
    return Accepted(Recorded(invoice_id=invoice_id), fact_of(body, invoice_id))


@router.post("/invoices", status_code=201, response_model=Recorded)
async def post_invoice(body: RecordInvoice, run: Annotated[Run, Depends(command("invoices:write"))]) -> Response:
    """The command through the chassis."""
    return await run(record_invoice, body)


async def note(event: InvoiceRecorded, tx: Tx) -> InvoiceRecorded:
    """One insert and one fact an event, as a small real handler does."""
    await tx.execute(INSERT, event.invoice_id, event.serial)
    return event


POLICY: Final = BrandPolicy(brand="bench", version="2026-01-01")


class AnyBrand(PolicyBook[BrandPolicy]):
    """Every brand is known."""

    def of(self, brand: str) -> BrandPolicy:
        return POLICY


def invoice(number: int) -> InvoiceRecorded:
    """The n-th event."""
    body = RecordInvoice(
        invoice_number=str(number),
        serial=f"9H{number:07d}X",
        invoiced_on=date(2026, 1, 31),
        price=Money(amount=Decimal("450.00")),
    )
    return fact_of(body, uuid4())


TOY: Final = Service(
    "credits", AnyBrand(BrandPolicy, "chassis"), (router,), (on(InvoiceRecorded, note),), package="chassis"
)

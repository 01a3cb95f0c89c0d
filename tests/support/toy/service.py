"""What the toy does. Its handlers fail for the serials in table `poison`, so that a test can break and mend them."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from chassis.caller import Caller
from chassis.database import Tx
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.documents import router as documents
from chassis.http.errors import ProblemError
from chassis.policies import BrandPolicy, PolicyBook
from chassis.routes import Due, at, on
from chassis.service import Service
from chassis.transact import Accepted, Refusal
from event_schemas.base import Money
from event_schemas.credits import CreditRequested, InvoiceRecorded
from event_schemas.tickets import ReturnAccepted

log = structlog.get_logger()
router = APIRouter(tags=["invoices"])
BOOK = PolicyBook(BrandPolicy, "tests.support.toy")


class RecordInvoice(BaseModel):
    """An invoice of one unit; `lines` makes the fact as long as a test wants it."""

    model_config = ConfigDict(extra="forbid")

    brand: str
    serial: str = Field(min_length=1, max_length=40, pattern="^[A-Z0-9-]+$")
    number: int = Field(ge=1, le=1000)
    text: str = ""


class Invoice(BaseModel):
    """A recorded invoice."""

    invoice_id: UUID
    serial: str


async def record_invoice(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
    """Keep one invoice for a serial and say so."""
    invoice = Invoice(invoice_id=uuid7(), serial=command.serial)
    kept = await tx.execute(
        "INSERT INTO invoice (invoice_id, serial, number) VALUES ($1, $2, $3) ON CONFLICT (serial) DO NOTHING",
        invoice.invoice_id,
        command.serial,
        command.number,
    )
    if kept == "INSERT 0 0":
        return Refusal("already-invoiced", 409, "/serial", command.serial, details={"number": command.number})
    fact = InvoiceRecorded(
        brand=command.brand,
        invoice_id=invoice.invoice_id,
        invoice_number=f"{command.number}{command.text}",
        serial=command.serial,
        invoiced_on=date(2026, 1, 15),
        price=Money(amount=Decimal("450.00")),
    )
    return Accepted(invoice, fact)


@router.post("/invoices", status_code=201, response_model=Invoice)
async def post_invoice(body: RecordInvoice, run: Annotated[Run, Depends(command("invoices:write"))]) -> Response:
    """Record an invoice."""
    return await run(record_invoice, body)


@router.get("/invoices/{serial}", response_model=Invoice)
async def show_invoice(
    serial: str, pool: Reader, _: Annotated[Caller, Depends(may("invoices:read"))], number: str | None = None
) -> Invoice:
    """One invoice; `number` narrows the search."""
    query = "SELECT invoice_id, serial FROM invoice WHERE serial = $1 AND ($2::text IS NULL OR number::text = $2)"
    row = await pool.fetchrow(query, serial, number)
    if row is None:
        raise ProblemError(Refusal("not-found", 404))
    return Invoice(**row)


async def note_return(event: ReturnAccepted, tx: Tx) -> CreditRequested:
    """Write down that this event took effect, with the step that it carries, and say one fact."""
    if await tx.fetchval("SELECT true FROM poison WHERE serial = $1", event.serial):
        raise ValueError(f"{event.serial} cannot be credited")
    await tx.execute(
        "INSERT INTO effect (event_id, lane, step) VALUES ($1, $2, $3)",
        tx.cause.causation_id,
        str(event.ticket_id),
        int(event.grms_number),
    )
    log.info("return noted", serial=event.serial)
    return CreditRequested(
        brand=event.brand,
        credit_id=event.ticket_id,
        ticket_id=event.ticket_id,
        serial=event.serial,
        customer_id=event.customer_id,
        grms_number=event.grms_number,
    )


async def remind(due: Due, tx: Tx) -> None:
    """Write down that the timer went off, and when it was meant to."""
    if await tx.fetchval("SELECT true FROM poison WHERE serial = $1", due.subject):
        raise ValueError(f"{due.subject} cannot be reminded")
    await tx.execute(
        "INSERT INTO reminder (subject, due_at, fired_at) VALUES ($1, $2, $3)", due.subject, due.due_at, tx.now
    )


TOY = Service(
    "credits",
    BOOK,
    routers=(router, documents),
    hears=(on(ReturnAccepted, note_return),),
    alarms=(at("remind", remind),),
    package="tests.support.toy",
)

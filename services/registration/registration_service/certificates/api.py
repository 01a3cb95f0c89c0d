"""Orders, the pre-filled form and the ledger over HTTP."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from chassis.http.access import Caller, may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.transact import Refusal
from registration_service.certificates import handlers, store
from registration_service.certificates.domain import as_issued
from registration_service.certificates.handlers import ConfirmOrder, OrderView
from registration_service.policy import policy_of

router = APIRouter(tags=["certificates"])


class RegistrationForm(BaseModel):
    """Everything that pre-fills the registration of a certificate's next unit."""

    brand: str
    certificate: str
    service_reference: str
    service_name: str
    """In the reader's language."""
    quantity: int
    units_left: int
    case_number: str
    models: list[str]
    """Patterns of the models that the service covers."""
    serial_hint: str
    """Where the serial number is and what it looks like, in the reader's language."""
    contact_address: str
    """Where to write when something is unclear."""


class EntryView(BaseModel):
    """One unit taken (-1) or given back (+1)."""

    redemption_id: UUID
    customer_id: UUID
    serial: str
    change: int
    at: datetime


class LedgerView(BaseModel):
    """A certificate's units; all its entries sum to `units_left - quantity`."""

    certificate_id: UUID
    quantity: int
    units_left: int
    entries: list[EntryView]
    """Oldest first."""
    next_cursor: str | None


async def _public_url(request: Request) -> str:
    url: str = request.app.state.settings.public_url
    return url


@router.post("/orders", status_code=201, response_model=OrderView)
async def confirm_order(
    body: ConfirmOrder,
    run: Annotated[Run, Depends(command("orders:write"))],
    public_url: Annotated[str, Depends(_public_url)],
) -> Response:
    """Confirm an order: one certificate with that many units, mailed to the buyer (REG-08)."""
    return await run(partial(handlers.confirm_order, public_url=public_url), body)


@router.get("/registration-form")
async def registration_form(
    request: Request,
    response: Response,
    pool: Reader,
    certificate: Annotated[str, Query(description="The number from the buyer's mail.", examples=["FC7KQ3MXT9WA"])] = "",
) -> RegistrationForm:
    """What the link in the buyer's mail shows, without a token; whatever is wrong, the answer is the same (REG-10)."""
    row = await store.form(pool, as_issued(certificate))
    if row is None or row["service_reference"] not in policy_of(row["brand"]).offers:
        raise ProblemError(Refusal("not-found", 404))
    response.headers["Cache-Control"] = "no-store"
    return _form(row, language_of(request))


def _form(row: Record, language: str) -> RegistrationForm:
    policy = policy_of(row["brand"])
    offer = policy.offers[row["service_reference"]]
    return RegistrationForm(
        brand=row["brand"],
        certificate=row["number"],
        service_reference=row["service_reference"],
        service_name=offer.name.speak(language),
        quantity=row["quantity"],
        units_left=row["units_left"],
        case_number=row["case_number"],
        models=list(offer.models),
        serial_hint=policy.serial_hint.speak(language),
        contact_address=policy.contact_address,
    )


@router.get("/certificates/{certificate_id}/ledger")
async def read_ledger(
    certificate_id: UUID,
    pool: Reader,
    _: Annotated[Caller, Depends(may("certificates:read"))],
    cursor: CursorText = None,
    limit: Limit = 100,
) -> LedgerView:
    """Who took which unit when, and what came back (REG-09)."""
    balance = await store.balance(pool, certificate_id)
    if balance is None:
        raise ProblemError(Refusal("not-found", 404))
    rows = await store.entries(pool, certificate_id, read_cursor(cursor), limit + 1)
    page = page_of(rows, limit, _entry, lambda row: (row["entered_at"], row["entry_id"]))
    return LedgerView(
        certificate_id=certificate_id,
        quantity=balance["quantity"],
        units_left=balance["units_left"],
        entries=page.items,
        next_cursor=page.next_cursor,
    )


def _entry(row: Record) -> EntryView:
    return EntryView(
        redemption_id=row["redemption_id"],
        customer_id=row["customer_id"],
        serial=row["serial"],
        change=row["change"],
        at=row["entered_at"],
    )

"""Orders, the pre-filled form and the ledger over HTTP."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of
from chassis.transact import Refusal
from registration_service.allowances.turns import LIMITED, Turn, allowance
from registration_service.certificates import code_files, handlers, store
from registration_service.certificates.code_files import CodeFileView, SendCodes
from registration_service.certificates.domain import as_issued
from registration_service.certificates.handlers import ConfirmOrder, OrderView
from registration_service.contacts.domain import Whose
from registration_service.contacts.filters import BrandFilter
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
    models: list[str] = Field(examples=[["PT5B1E-*"]])
    """Patterns of the models that the service covers."""
    serial_hint: str = Field(examples=["On the sticker under the product: 9 or 10 letters and digits"])
    """Where the serial number is and what it looks like, in the reader's language."""
    contact_address: str = Field(examples=["service@dynabook.example"])
    """Where to write when something is unclear."""


class CertificateView(BaseModel):
    """An order's certificate; its number is known to its buyer's mailbox only."""

    certificate_id: UUID
    order_id: UUID
    brand: str = Field(examples=["dynabook"])
    case_number: str = Field(examples=["FR-2026-004711"])
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    """In the reader's language."""
    quantity: int = Field(examples=[3])
    units_left: int = Field(examples=[2])
    buyer_id: UUID
    confirmed_at: datetime


class EntryView(BaseModel):
    """One unit taken (-1) or given back (+1): who, when, for which serial, why."""

    redemption_id: UUID
    customer_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    change: Literal[-1, 1] = Field(examples=[-1])
    at: datetime
    by: str = Field(examples=["gateway"])
    """Who asked for it: the subject of their token, or `activation` for a service that cannot run."""
    reason: str = Field(examples=["redeemed"])
    """`redeemed`, `activation_refused`, `customer_request` or `contest_settled`."""


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
    return await run(partial(handlers.confirm_order, public_url=public_url, by=run.caller), body)


@router.post("/code-files", status_code=201, response_model=CodeFileView)
async def send_codes(body: SendCodes, run: Annotated[Run, Depends(command("codes:write"))]) -> Response:
    """Mail the certificate numbers of these orders as a file to a buyer of the supplier; also the way to send a lost
    number again. The numbers are in the mail and in no answer (REG-11)."""
    return await run(partial(code_files.send_codes, by=run.caller), body)


@router.get("/certificates")
async def list_certificates(
    request: Request,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("certificates:read"))],
    brand: BrandFilter = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[CertificateView]:
    """The certificates of your organisation's orders with the units left on them, newest first (REG-09)."""
    rows = await store.page(pool, Whose.seen_by(caller), brand, read_cursor(cursor), limit + 1)
    view = partial(_certificate, language=language_of(request))
    return page_of(rows, limit, view, lambda row: (row["confirmed_at"], row["order_id"]))


def _certificate(row: Record, language: str) -> CertificateView:
    name = policy_of(row["brand"]).service_name(row["service_reference"], language)
    return CertificateView(**row, service_name=name)


@router.get("/registration-form", responses=LIMITED)
async def registration_form(
    request: Request,
    response: Response,
    pool: Reader,
    turn: Annotated[Turn, Depends(allowance("registration-form"))],
    certificate: Annotated[str, Query(description="The number from the buyer's mail.", examples=["FC7KQ3MXT9WA"])] = "",
) -> RegistrationForm:
    """What the link in the buyer's mail shows, without a token; whatever is wrong, the answer is the same (REG-10)."""
    row = await store.form(pool, as_issued(certificate))
    if row is None or row["service_reference"] not in policy_of(row["brand"]).offers:
        raise ProblemError(Refusal("not-found", 404))
    await turn.settle(good=True)
    response.headers["Cache-Control"] = "no-store"
    return _form(row, language_of(request))


def _form(row: Record, language: str) -> RegistrationForm:
    policy = policy_of(row["brand"])
    offer = policy.offers[row["service_reference"]]
    return RegistrationForm(
        brand=row["brand"],
        certificate=row["number"],
        service_reference=row["service_reference"],
        service_name=policy.service_name(row["service_reference"], language),
        quantity=row["quantity"],
        units_left=row["units_left"],
        case_number=row["case_number"],
        models=list(offer.models),
        serial_hint=policy.serial_hint.speak(language),
        contact_address=policy.contacts.requests,
    )


@router.get("/certificates/{certificate_id}/ledger")
async def read_ledger(
    certificate_id: Annotated[UUID, Path(description="From the list, or from the answer to the order.")],
    pool: Reader,
    caller: Annotated[Caller, Depends(may("certificates:read"))],
    cursor: CursorText = None,
    limit: Limit = 100,
) -> LedgerView:
    """Who took which unit when for which serial, and what came back why; another's is not found (REG-06, REG-09)."""
    balance = await store.balance(pool, Whose.seen_by(caller), certificate_id)
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
        by=row["entered_by"],
        reason=row["reason"],
    )

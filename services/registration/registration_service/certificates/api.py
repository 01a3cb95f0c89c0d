"""Orders, the pre-filled form and the ledger over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from chassis.caller import Caller, Whose
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
from registration_service.certificates.views import (
    CertificateView,
    LedgerView,
    RegistrationForm,
    certificate_view,
    entry_view,
    form_of,
)
from registration_service.contacts.filters import BrandFilter
from registration_service.offers.domain import catalogue_unknown
from registration_service.offers.handlers import names_in, nothing_heard, offer_of

router = APIRouter(tags=["certificates"])


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
    names = await names_in(language_of(request), (row["brand"] for row in rows), pool)
    view = partial(certificate_view, names=names)
    return page_of(rows, limit, view, lambda row: (row["confirmed_at"], row["order_id"]))


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
    offer = await offer_of(row["brand"], row["service_reference"], pool) if row else None
    if row is None or offer is None:
        early = await nothing_heard(pool)  # then a certificate that exists is answered like one that does not, too
        raise ProblemError(catalogue_unknown() if early else Refusal("not-found", 404))
    await turn.settle(good=True)
    response.headers["Cache-Control"] = "no-store"
    return form_of(row, offer, language_of(request))


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
    page = page_of(rows, limit, entry_view, lambda row: (row["entered_at"], row["entry_id"]))
    return LedgerView(
        certificate_id=certificate_id,
        quantity=balance["quantity"],
        units_left=balance["units_left"],
        entries=page.items,
        next_cursor=page.next_cursor,
    )

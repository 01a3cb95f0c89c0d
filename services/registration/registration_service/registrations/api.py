"""Registrations over HTTP: one product, up to fifty, look at them, take them back."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from chassis.caller import Caller, Whose
from chassis.http.access import may
from chassis.http.commands import Reader as Pool
from chassis.http.commands import Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.problems import language_of, phrase
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal
from registration_service.contacts.filters import BrandFilter
from registration_service.contests.handlers import ContestView
from registration_service.offers.domain import Names
from registration_service.offers.handlers import names_in
from registration_service.products.domain import RegisteredAs
from registration_service.products.filters import SerialFilter
from registration_service.products.views import ProductView
from registration_service.registrations import handlers, standalone, store
from registration_service.registrations.batches import (
    ALL_REFUSED,
    BatchView,
    Reader,
    RegisterProducts,
    register_products,
)
from registration_service.registrations.cancellation import CancellationView, CancelRegistration, cancel_registration
from registration_service.registrations.handlers import RegisterProduct
from registration_service.registrations.standalone import RegisterStandalone, WithdrawnProduct, WithdrawProduct
from registration_service.registrations.views import RegistrationView

router = APIRouter(tags=["registrations"])
products = APIRouter(tags=["products"])
"""Doors to products that lead through the form's rules."""
RedemptionId = Annotated[UUID, Path(description="From the list, or from the answer to the registration.")]
CONTESTED: dict[int | str, dict[str, Any]] = {
    202: {"model": ContestView, "description": "The product is another customer's: a contest is open (REG-16)"}
}
NOTHING_DONE: dict[int | str, dict[str, Any]] = {
    200: {
        "model": BatchView,
        "description": "Every product was refused, each for its own reason",
        "content": {"application/json": {"example": ALL_REFUSED}},
    }
}


class RegistrationDetails(BaseModel):
    """A product's registration with one service, in the reader's language."""

    redemption_id: UUID
    brand: str = Field(examples=["dynabook"])
    product_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    purchased_on: date | None = Field(examples=["2026-11-20"])
    """Of the product; null when it has become another's."""
    warranty_ends_on: date | None = Field(examples=["2027-11-19"])
    """Last day of the standard warranty, inclusive; null as above."""
    certificate_id: UUID
    service_reference: str = Field(examples=["PPCP013FR-VGAD"])
    service_name: str = Field(examples=["Pack Pro Connect 3 years"])
    customer_id: UUID
    """Whose it is while it runs; to those who have no part in the product any more, for whom it was registered."""
    registered_as: RegisteredAs
    proof_of_purchase: list[UUID]
    state: Literal["registered", "ended", "cancelled"]
    """`ended`: the service has run its time, or did not follow the product to its next customer."""
    contested: bool
    """Whether somebody else claims the product of the reader; until staff decide, the registration stays in force."""
    registered_at: datetime
    ended_on: date | None
    """Last day of a service that has run its time or ended before, inclusive."""
    cancelled_at: datetime | None
    cancellation_reason: str | None = Field(examples=["customer_request"])
    """`customer_request`, `activation_refused`, `activation_cancelled` or `contest_settled`."""


@router.post("/registrations", status_code=201, response_model=RegistrationView, responses=CONTESTED)
async def register_product(
    body: RegisterProduct, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Register one product with one unit of a certificate; the unit is taken at once (REG-09, REG-13, REG-15)."""
    return await run(partial(handlers.register_product, by=run.caller), body)


@products.post("/products", status_code=201, response_model=ProductView, responses=CONTESTED)
async def register_without_service(
    body: RegisterStandalone, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Register one product without a service: one can be activated for it by code afterwards, or registered with a
    certificate. The standard warranty does not depend on it (ACT-02, REG-12, REG-14, REG-16)."""
    return await run(partial(standalone.register_standalone, by=run.caller), body)


@products.post("/products/{product_id}/withdrawal", response_model=WithdrawnProduct)
async def withdraw_product(
    product_id: Annotated[UUID, Path(description="From the list, or from the answer to the registration.")],
    body: WithdrawProduct,
    run: Annotated[Run, Depends(command("registrations:write"))],
) -> Response:
    """Let go of a product on which no service runs and that nobody claims; whoever registers it next has it (REG-14,
    REG-16)."""
    return await run(partial(standalone.withdraw_product, product_id=product_id, by=run.caller), body)


@router.post("/registration-batches", status_code=201, response_model=BatchView, responses=NOTHING_DONE)
async def register_several(
    body: RegisterProducts, request: Request, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Register 1 to 50 products of one customer; good ones go through, the others say why not (REG-12)."""
    reader = Reader(
        partial(phrase, request.app.state.package, language_of(request)),
        f"{request.app.state.settings.public_url}/dossiers/template?brand={body.brand}",
    )
    return await run(partial(register_products, by=run.caller, reader=reader), body)


@router.get("/registrations")
async def list_registrations(
    request: Request,
    pool: Pool,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    brand: BrandFilter = None,
    serial: SerialFilter = None,
    certificate_id: Annotated[UUID | None, Query(description="Only units of this certificate.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[RegistrationDetails]:
    """Your registrations and those of your organisation, as far as it shows them to you, newest first (REG-06)."""
    wanted = brand, serial, certificate_id
    rows = await store.page(pool, Whose.seen_by(caller), wanted, read_cursor(cursor), limit + 1)
    names = await names_in(language_of(request), (row["brand"] for row in rows), pool)
    view = partial(_details, names=names)
    return page_of(rows, limit, view, lambda row: (row["redeemed_at"], row["redemption_id"]))


@router.get("/registrations/{redemption_id}", response_model=RegistrationDetails, responses=TAGGED)
async def read_registration(
    redemption_id: RedemptionId,
    request: Request,
    pool: Pool,
    caller: Annotated[Caller, Depends(may("registrations:read"))],
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One registration; somebody else's is answered as an unknown one (REG-06)."""
    row = await store.find(pool, Whose.seen_by(caller), redemption_id)
    if row is None:
        raise ProblemError(Refusal("not-found", 404))
    names = await names_in(language_of(request), [row["brand"]], pool)
    return tagged(_details(row, names), if_none_match)


@router.post("/registrations/{redemption_id}/cancellation", response_model=CancellationView)
async def take_back(
    redemption_id: RedemptionId,
    body: CancelRegistration,
    run: Annotated[Run, Depends(command("registrations:write"))],
) -> Response:
    """Take a registration back: its unit is on the certificate again, once (REG-09)."""
    return await run(partial(cancel_registration, redemption_id=redemption_id, by=run.caller), body)


def _details(row: Record, names: Names) -> RegistrationDetails:
    others: dict[str, Any] = {"purchased_on": None, "warranty_ends_on": None, "contested": False}
    return RegistrationDetails(
        **{name: row[name] for name in RegistrationDetails.model_fields if name in row},
        service_name=names.of(row["brand"], row["service_reference"]),
        state="cancelled" if row["cancelled_at"] else "ended" if row["ended_on"] else "registered",
        registered_at=row["redeemed_at"],
    ).model_copy(update={} if row["own"] else others)

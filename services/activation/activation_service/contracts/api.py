"""Contracts over HTTP."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from activation_service.contracts import handlers, list_store, opening, renewal
from activation_service.contracts.domain import State
from activation_service.contracts.list_store import Asked
from activation_service.contracts.opening import AddLines, OpenContract
from activation_service.contracts.renewal import RenewContract
from activation_service.contracts.views import ContractSummary, ContractView, LineView, show, summary
from activation_service.policy import policy_of
from activation_service.products.domain import canonical
from chassis.caller import Caller, Whose
from chassis.days import Day
from chassis.http.access import may
from chassis.http.commands import Reader, Run, command
from chassis.http.errors import ProblemError
from chassis.http.pages import CursorText, Limit, Page, page_of, read_cursor
from chassis.http.tagged import TAGGED, IfNoneMatch, tagged
from chassis.transact import Refusal

router: Final = APIRouter(tags=["contracts"])
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Lines are ordered by id alone; the cursor has room for a moment too."""
ContractId = Annotated[
    UUID, Path(description="As GET /contracts tells it.", examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
]
Opener = Annotated[Run, Depends(command("contracts:open"))]
Writer = Annotated[Run, Depends(command("contracts:write"))]
Viewer = Annotated[Caller, Depends(may("contracts:read"))]
Serial = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^[^\x00]+$", description="With a service on it.", examples=["7812345"]),
]
Model = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=r"^[^\x00]+$",
        description="The model, or the machine type: its part before the first dash.",
        examples=["9009"],
    ),
]


@router.post("/contracts", status_code=201, response_model=ContractView, summary="Open a contract")
async def open_contract(body: OpenContract, run: Opener) -> Response:
    """A contract without certificates, e.g. for an inventory; its services are active at once (ACT-09).

    It runs from today, in the brand's time zone; all its services end on one day. Each needs an offer on sale for the
    product's model, and the offer's current terms are the contract's. A service that a product has already is refused.
    """
    return await run(partial(opening.open_new_contract, by=run.caller), body)


@router.post("/contracts/{contract_id}/additions", response_model=ContractView, summary="Add services")
async def add_lines(contract_id: ContractId, body: AddLines, run: Opener) -> Response:
    """More services or products under a running contract, without a code; they end with it (ACT-10, I10)."""
    return await run(partial(opening.add_lines, contract_id=contract_id, by=run.caller), body)


@router.post("/contracts/{contract_id}/renewal", response_model=ContractView, summary="Renew a contract")
async def renew_contract(contract_id: ContractId, body: RenewContract, run: Writer) -> Response:
    """Another term, while `renewable_from` … `renewable_until` lasts; not once notice was given (ACT-10, I09).

    Before the last day, and after it where the brand closes the gap, the services go on and the new term starts the
    day after the old one ended. Where the brand does not, they start anew today, set-up included.
    """
    return await run(partial(renewal.renew_contract, contract_id=contract_id, by=run.caller), body)


@router.get("/contracts", summary="List contracts")
async def list_contracts(
    pool: Reader,
    caller: Viewer,
    brand: Annotated[str | None, Query(max_length=40, description="Only this brand.", examples=["ibm"])] = None,
    number: Annotated[
        str | None, Query(max_length=40, pattern=r"^[!-~]+$", description="Its number.", examples=["IB-2026-000001"])
    ] = None,
    serial: Serial = None,
    model: Model = None,
    customer_id: Annotated[UUID | None, Query(description="Only this customer's.")] = None,
    state: Annotated[State | None, Query(description="Only this state.", examples=["active"])] = None,
    ends_before: Annotated[
        Day | None, Query(description="Only those whose last day is earlier.", examples=["2027-01-01"])
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[ContractSummary]:
    """The contracts that the caller may see, newest first; by number, or machine type and serial (ACT-09, I05)."""
    if brand is not None:
        policy_of(brand)  # an unknown brand is an error, not an empty list
    asked = Asked(
        brand=brand,
        number=number and number.upper(),
        customer_id=customer_id,
        state=state,
        ends_before=ends_before,
        serial=serial and canonical(serial),
        model=model and canonical(model),
    )
    found = await list_store.page(pool, Whose.seen_by(caller), asked, read_cursor(cursor), limit + 1)
    return page_of(found, limit, summary, lambda one: (one.opened_at, one.contract_id))


@router.get("/contracts/{contract_id}", response_model=ContractView, responses=TAGGED, summary="Show a contract")
async def show_contract(
    contract_id: ContractId, pool: Reader, caller: Viewer, if_none_match: IfNoneMatch = None
) -> Response:
    """A contract with its first lines, its history and when it can be renewed (ACT-09, ACT-10)."""
    contract = await handlers.find(contract_id, caller, pool)
    if contract is None:
        raise ProblemError(Refusal("not-found", 404))
    return tagged(await show(contract, pool), if_none_match)


@router.get("/contracts/{contract_id}/lines", summary="List what a contract covers")
async def list_lines(
    contract_id: ContractId,
    pool: Reader,
    caller: Viewer,
    serial: Serial = None,
    model: Model = None,
    covered_on: Annotated[
        Day | None, Query(description="Only lines that count on this day.", examples=["2026-11-22"])
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Page[LineView]:
    """The services and products of a contract, in the order in which they came in (ACT-09, I05, I33)."""
    if await handlers.find(contract_id, caller, pool) is None:
        raise ProblemError(Refusal("not-found", 404))
    asked = serial and canonical(serial), model and canonical(model), covered_on
    _, after = read_cursor(cursor)
    rows = await list_store.lines(pool, contract_id, asked, after, limit + 1)
    return page_of(rows, limit, lambda row: LineView(**row), lambda row: (ALWAYS, row["activation_id"]))

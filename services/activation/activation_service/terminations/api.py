"""The end of contracts over HTTP."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from activation_service.contracts.handlers import find
from activation_service.policy import policy_of
from activation_service.terminations import handlers, removing
from activation_service.terminations.commands import EndContract, RemoveLines
from activation_service.terminations.exits import terms_of
from activation_service.terminations.views import ContractExitView, EndedView, RemovalView, exit_view
from chassis.caller import Caller
from chassis.database import Database
from chassis.days import Day
from chassis.http.access import may
from chassis.http.commands import Run, command
from chassis.http.errors import ProblemError
from chassis.transact import Decision, Refusal
from event_schemas.activation_contracts import Party

router = APIRouter(tags=["contracts"])
ContractId = Annotated[
    UUID, Path(description="As `GET /contracts` lists it.", examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
]
Customers = Annotated[Run, Depends(command("contracts:write"))]
Vendors = Annotated[Run, Depends(command("contracts:end"))]


@router.get("/contracts/{contract_id}/exit", summary="When a contract can end")
async def show_exit(
    contract_id: ContractId,
    request: Request,
    caller: Annotated[Caller, Depends(may("contracts:read"))],
    noticed_on: Annotated[
        Day | None, Query(description="Day of the notice, today or later; today when it is not given.", examples=[None])
    ] = None,
) -> ContractExitView:
    """The earliest last billable day for both parties, of the whole contract and of each service, and why (ACT-11).

    Days are those of the brand's calendar. One that the caller may not see is not found.
    """
    database: Database = request.app.state.database
    contract = await find(contract_id, caller, database.pool)
    if contract is None:
        raise ProblemError(Refusal("not-found", 404))
    today = policy_of(contract.brand).day_of(database.clock.now())
    if noticed_on is not None and noticed_on < today:
        raise ProblemError(Refusal("notice-day-past", 422, "/noticed_on", noticed_on, today))
    return exit_view(await terms_of(contract, today, database.pool), noticed_on or today)


@router.post("/contracts/{contract_id}/termination", response_model=EndedView, summary="End a contract")
async def end_contract(contract_id: ContractId, body: EndContract, run: Customers) -> Response:
    """The customer ends it, by notice on the day that `GET …/exit` shows or a later one, for a breach today (ACT-11).

    Everybody hears at once when its services end, so a termination cannot be taken back. The other party, or a breach,
    can make the day an earlier one; anything else is refused with what stands.
    """
    return await run(_ended(contract_id, Party.CUSTOMER, run), body)


@router.post(
    "/contracts/{contract_id}/vendor-termination", response_model=EndedView, summary="End a contract for the vendor"
)
async def end_contract_for_vendor(contract_id: ContractId, body: EndContract, run: Vendors) -> Response:
    """The vendor ends it, with the vendor's notice or for the customer's breach; else as a customer does (ACT-11)."""
    return await run(_ended(contract_id, Party.VENDOR, run), body)


def _ended(contract_id: UUID, party: Party, run: Run) -> Decision[EndContract]:
    return partial(handlers.end_contract, contract_id=contract_id, party=party, by=run.caller)


@router.post("/contracts/{contract_id}/removals", response_model=RemovalView, summary="Take services out of a contract")
async def remove_lines(contract_id: ContractId, body: RemoveLines, run: Customers) -> Response:
    """The customer's services end with the notice that holds for each, all or none; the contract goes on (ACT-10).

    The last ones do not go so: then the contract is ended.
    """
    return await run(partial(removing.remove_lines, contract_id=contract_id, by=run.caller), body)

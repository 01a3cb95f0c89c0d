"""What a unit is covered by, asked before a ticket is opened."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from chassis.database import Cause, Database
from chassis.http.access import may
from chassis.http.errors import ProblemError
from chassis.transact import Refusal
from tickets_service.coverage.domain import ModelUnclear, decide
from tickets_service.coverage.handlers import find_unit
from tickets_service.coverage.views import CoverageView
from tickets_service.policy import policy_of

router = APIRouter(tags=["coverage"])


@router.get("/coverage", response_model=CoverageView, dependencies=[Depends(may("tickets:read"))])
async def show_coverage(
    request: Request,
    brand: Annotated[str, Query(max_length=60, description="The unit's brand.", examples=["dynabook"])],
    serial: Annotated[
        str, Query(max_length=64, pattern=r"^[!-~]+$", description="As on the unit.", examples=["9H0123456X"])
    ],
    model: Annotated[
        str | None,
        Query(max_length=60, pattern=r"^[^\x00]*$", description="Needed only when several models share the serial."),
    ] = None,
) -> CoverageView:
    """What a repair of this unit would be covered by if it were asked for now; nothing is kept (TKT-09)."""
    policy = policy_of(brand)
    database: Database = request.app.state.database
    async with database.transaction(Cause("")) as tx:
        unit = await find_unit(brand, serial.upper(), model.upper() if model else None, tx)
    if isinstance(unit, ModelUnclear):
        raise ProblemError(Refusal("model-unclear", 422, "/model", model, unit.models, {"serial": serial}))
    return CoverageView.model_validate(decide(unit, policy.day_of(tx.now), tx.now, policy.version))

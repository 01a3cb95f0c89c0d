"""Known units over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.http.commands import Run, command
from registration_service.units import handlers
from registration_service.units.handlers import TellUnits, UnitsView

router = APIRouter(tags=["units"])


@router.post("/units", status_code=201, response_model=UnitsView)
async def tell_units(body: TellUnits, run: Annotated[Run, Depends(command("units:write"))]) -> Response:
    """Tell which model which serial number is, so that people may leave the model out; the same pair again is no
    error (REG-13, REG-22)."""
    return await run(handlers.tell_units, body)

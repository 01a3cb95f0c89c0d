"""Registrations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.http.commands import Run, command
from registration_service.products import handlers
from registration_service.products.handlers import RegisterProduct, RegistrationView

router = APIRouter(tags=["products"])


@router.post("/registrations", status_code=201, response_model=RegistrationView)
async def register_product(
    body: RegisterProduct, run: Annotated[Run, Depends(command("registrations:write"))]
) -> Response:
    """Register one product with one unit of a certificate; the unit is taken at once (REG-09, REG-13)."""
    return await run(handlers.register_product, body)

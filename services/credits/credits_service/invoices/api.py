"""Invoices over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from chassis.http.commands import Run, command
from credits_service.invoices.handlers import RecordedInvoice, RecordInvoice, record_invoice

router: Final = APIRouter(tags=["invoices"])


@router.post("/invoices", status_code=201, response_model=RecordedInvoice)
async def post_invoice(body: RecordInvoice, run: Annotated[Run, Depends(command("invoices:write"))]) -> Response:
    """Record what a unit was invoiced for; a credit that waited for it is issued at once (CRD-01, CRD-02)."""
    return await run(record_invoice, body)

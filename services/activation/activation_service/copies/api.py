"""The copy of a contract over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from activation_service.copies.handlers import copy_of
from activation_service.copies.printing import PRINTER
from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.app import Problem
from chassis.http.errors import ProblemError
from chassis.http.problems import MEDIA_TYPE, language_of
from chassis.transact import Refusal

router = APIRouter(tags=["contracts"])
_PDF: Final = "application/pdf"
_COPY: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The copy", "content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}},
    503: {
        "description": "Too many copies are being made; ask again after `Retry-After`",
        "model": Problem,
        "content": {MEDIA_TYPE: {}},
    },
}


@router.get(
    "/contracts/{contract_id}/copy", response_class=Response, responses=_COPY, summary="Copy of a contract as PDF"
)
async def show_copy(
    contract_id: Annotated[
        UUID, Path(description="As `GET /contracts` lists it.", examples=["0199a3c4-7b10-7020-8a5e-4d1f6c2b0020"])
    ],
    request: Request,
    caller: Annotated[Caller, Depends(may("contracts:read"))],
) -> Response:
    """The contract with all that it covers and how it can be ended, in the language of `Accept-Language` (ACT-09, I05).

    Names of people are not in it: the customer is there by reference. One that the caller may not see is not found.
    """
    language = language_of(request)
    copy = await copy_of(contract_id, caller, language, request.app.state.database)
    if copy is None:
        raise ProblemError(Refusal("not-found", 404))
    content = await PRINTER.draw(copy, language, request)
    headers = {
        "Content-Disposition": f'attachment; filename="{copy.number}.pdf"',
        "Content-Language": language,
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, _PDF)

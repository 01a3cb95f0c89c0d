"""Decisions about held activations, and cancellations in error, over HTTP."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from activation_service.activations.views import ActivationView
from activation_service.redemptions.cancelling import CancelActivation
from activation_service.redemptions.cancelling import cancel_activation as cancel
from activation_service.redemptions.reviewing import RefuseItem, ReleaseItem
from activation_service.redemptions.reviewing import refuse_item as refuse
from activation_service.redemptions.reviewing import release_item as release
from activation_service.requests.answers import ItemView
from chassis.http.commands import Run, command
from chassis.http.problems import language_of

router: Final = APIRouter()
RequestId = Annotated[
    UUID, Path(description="As POST /activation-requests answered.", examples=["0199a3c4-7b10-7031-8a5e-4d1f6c2b0031"])
]
ItemId = Annotated[
    UUID, Path(description="`item_id` of the held item.", examples=["0199a3c4-7b10-7032-8a5e-4d1f6c2b0032"])
]
ActivationId = Annotated[
    UUID, Path(description="As GET /activations shows it.", examples=["0199a3c4-7b10-700a-8a5e-4d1f6c2b000a"])
]
Decider = Annotated[Run, Depends(command("activations:decide"))]
Writer = Annotated[Run, Depends(command("activations:write"))]


@router.post(
    "/activation-requests/{request_id}/items/{item_id}/release",
    response_model=ItemView,
    tags=["activation requests"],
    summary="Release a held activation",
)
async def release_item(
    request_id: RequestId, item_id: ItemId, body: ReleaseItem, run: Decider, request: Request
) -> Response:
    """The service starts now, although its product does not stand at its site's address (ACT-05).

    409 when it is not held: somebody else has decided, or its registration was cancelled meanwhile.
    """
    language = language_of(request)
    return await run(partial(release, request_id=request_id, item_id=item_id, by=run.caller, language=language), body)


@router.post(
    "/activation-requests/{request_id}/items/{item_id}/refusal",
    response_model=ItemView,
    tags=["activation requests"],
    summary="Refuse a held activation",
)
async def refuse_item(
    request_id: RequestId, item_id: ItemId, body: RefuseItem, run: Decider, request: Request
) -> Response:
    """The service does not start, its unit goes back, and the customer is told why (ACT-05); 409 as for a release."""
    language = language_of(request)
    return await run(partial(refuse, request_id=request_id, item_id=item_id, by=run.caller, language=language), body)


@router.post(
    "/activations/{activation_id}/cancellation",
    response_model=ActivationView,
    tags=["activations"],
    summary="Cancel an activation in error",
)
async def cancel_activation(
    activation_id: ActivationId, body: CancelActivation, run: Writer, request: Request
) -> Response:
    """The service never counted; the unit goes back to its certificate, and what followed is undone (ACT-14).

    Whoever sees the service may do so during its set-up; afterwards only who may decide activations, too: 409 to the
    others, and for one that is cancelled already.
    """
    language = language_of(request)
    return await run(partial(cancel, activation_id=activation_id, by=run.caller, language=language), body)

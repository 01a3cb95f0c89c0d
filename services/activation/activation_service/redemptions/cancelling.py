"""A service that was activated in error never counted, and everybody is told (ACT-14)."""

from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from activation_service.activations.domain import Activation
from activation_service.activations.handlers import cancel_in_error, hold_product, service, service_seen
from activation_service.activations.views import view_of
from activation_service.contracts.handlers import take_out
from activation_service.redemptions import hands_store
from activation_service.redemptions.starting import facts_of
from activation_service.requests.handlers import settle
from activation_service.software.handlers import revoke
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal

STAFF: Final = "activations:decide"


class CancelActivation(BaseModel):
    """The service was activated in error."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


async def cancel_activation(
    _: CancelActivation, tx: Tx, activation_id: UUID, by: Caller, language: str
) -> Accepted | Refusal:
    """Cancel in error, whoever sees it during the set-up, staff afterwards too; registration gives the unit back."""
    seen = await service_seen(activation_id, by, tx)
    if seen is None:
        return Refusal("not-found", 404)
    await hold_product(seen.product_id, tx)
    found = await service_seen(activation_id, by, tx)  # as it stands now that the product is held
    if found is None:
        return Refusal("not-found", 404)
    if refused := _refused(found, by):
        return refused
    fact = await cancel_in_error(activation_id, tx)
    assert fact is not None  # it was not cancelled before
    await hands_store.drop_waiting(tx, found.redemption_id)
    await settle(found.request_id, fact, tx)
    await revoke(activation_id, tx)
    line = await take_out(activation_id, None, tx)
    cancelled = await service(activation_id, tx)
    assert cancelled is not None  # activations are never deleted
    return Accepted(await view_of(cancelled, language, tx), facts_of(fact, line), 200)


def _refused(found: Activation, by: Caller) -> Refusal | None:
    details = {"serial": found.serial, "state": found.state}
    if found.state == "cancelled":
        return Refusal("activation-cancelled", details=details)
    if found.state != "in_setup" and STAFF not in by.scopes:
        return Refusal("activation-set-up", details=details)
    return None

"""A reported change of hands does not take place after all (REG-17)."""

from dataclasses import replace
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis import timers
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.transfers import store
from registration_service.transfers.handlers import TRANSFER_DUE
from registration_service.transfers.views import TransferView


class WithdrawTransfer(BaseModel):
    """The product stays where it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


async def withdraw_transfer(_: WithdrawTransfer, tx: Tx, transfer_id: UUID, by: Caller) -> Accepted | Refusal:
    """Withdraw a transfer before its day has come."""
    if await store.find(tx, transfer_id, by.sight, by.brand) is None:
        return Refusal("not-found", 404)
    # the timer first: one that goes off locks in the same order, so the two cannot block each other
    await timers.cancel(tx, TRANSFER_DUE, str(transfer_id))
    transfer = await store.lock(tx, transfer_id)
    assert transfer is not None  # transfers are never deleted
    if transfer.state != "pending":
        details = {"state": transfer.state, "takes_effect_on": transfer.takes_effect_on}
        return Refusal("transfer-settled", 409, details=details)
    await store.settle(tx, transfer, "withdrawn")
    done = replace(transfer, state="withdrawn", settled_at=tx.now)
    return Accepted(TransferView.model_validate(done), transfer.withdrawn(), 200)

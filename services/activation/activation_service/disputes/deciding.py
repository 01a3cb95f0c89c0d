"""Staff decide a dispute, or its customer withdraws it (ACT-13, I08)."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from activation_service.activations.handlers import service
from activation_service.disputes import store
from activation_service.disputes.domain import Dispute, Statement
from activation_service.disputes.handlers import find_open
from activation_service.disputes.views import dispute_view
from chassis.caller import Caller
from chassis.database import Tx
from chassis.days import Day
from chassis.transact import Accepted, Refusal
from event_schemas.activation_contracts import DisputeDecision


class DecideDispute(BaseModel):
    """Whether the product was covered after all, and why; the customer is told by mail."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    decision: Literal["covered", "not_covered"] = Field(examples=["covered"])
    reason: Statement = Field(examples=["The contract names the serial number; our list had it wrong."])
    covered_from: Day | None = Field(None, examples=["2026-11-20"])
    """First and last day for which cover is acknowledged, inclusive; both with `covered`, none without."""
    covered_until: Day | None = Field(None, examples=["2027-11-19"])
    activation_id: UUID | None = Field(None, examples=[None])
    """The service of this product that covers it, where one does."""


class WithdrawDispute(BaseModel):
    """A withdrawal needs no words."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


async def decide(command: DecideDispute, tx: Tx, dispute_id: UUID, by: Caller) -> Accepted | Refusal:
    """Decide an open dispute, once."""
    dispute = await find_open(dispute_id, by, tx)
    if isinstance(dispute, Refusal):
        return dispute
    if refusal := _days_at_fault(command) or await _service_at_fault(command, dispute, tx):
        return refusal
    decided = replace(dispute, **command.model_dump(), decided_at=tx.now)
    await store.decide(tx, decided, by.subject)
    return Accepted(dispute_view(decided), (decided.decided(), decided.answered()), 200)


async def withdraw(_: WithdrawDispute, tx: Tx, dispute_id: UUID, by: Caller) -> Accepted | Refusal:
    """The customer does not contest it any more."""
    dispute = await find_open(dispute_id, by, tx)
    if isinstance(dispute, Refusal):
        return dispute
    withdrawn = replace(dispute, decision=DisputeDecision.WITHDRAWN.value, decided_at=tx.now)
    await store.decide(tx, withdrawn, by.subject)
    return Accepted(dispute_view(withdrawn), withdrawn.decided(), 200)


def _days_at_fault(command: DecideDispute) -> Refusal | None:
    first, last = command.covered_from, command.covered_until
    if command.decision == "not_covered":
        said = next((name for name in ("covered_from", "covered_until", "activation_id") if getattr(command, name)), "")
        return Refusal("cover-not-needed", 422, f"/{said}", str(getattr(command, said))) if said else None
    if first is None or last is None:
        return Refusal("cover-days-needed", 422, "/covered_from" if first is None else "/covered_until")
    return Refusal("cover-days-reversed", 422, "/covered_until", str(last), f"{first} …") if last < first else None


async def _service_at_fault(command: DecideDispute, dispute: Dispute, tx: Tx) -> Refusal | None:
    if command.activation_id is None:
        return None
    named = await service(command.activation_id, tx)
    if named and named.product_id == dispute.product_id and named.state != "cancelled":
        return None
    details = {"serial": dispute.serial}
    return Refusal("service-not-of-product", 422, "/activation_id", command.activation_id, details=details)

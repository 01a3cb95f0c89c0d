"""A requested move is assessed and executed, one legal step at a time (REG-18)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.caller import Caller
from chassis.database import Tx
from chassis.days import Day
from chassis.outbox import Facts
from chassis.transact import Accepted, Refusal
from event_schemas.registration_cases import MoveWithdrawn
from registration_service.contacts.domain import Reason
from registration_service.moves import store
from registration_service.moves.domain import ITSELF, Move, Step
from registration_service.moves.views import move_view
from registration_service.policy import policy_of
from registration_service.products.handlers import lock as lock_product


class TakeStep(BaseModel):
    """A step that needs no words."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [{}]})


class RefuseMove(BaseModel):
    """The product may not move."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: Reason = Field(examples=["There is no service partner in that country."])
    """Goes to the customer by mail."""


class ExecuteMove(BaseModel):
    """The product has moved."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    executed_on: Day = Field(examples=["2027-01-15"])
    """From the day of the approval to today, in the brand's time zone."""


async def assign_move(_: TakeStep, tx: Tx, move_id: UUID, by: Caller) -> Accepted | Refusal:
    """The caller assesses the move from now on."""
    move = await _ready("assignment", move_id, by, tx)
    if isinstance(move, Refusal):
        return move
    return await _done(replace(move, state="assigned", assigned_to=by.subject), move.assigned(tx.now), by, tx)


async def approve_move(_: TakeStep, tx: Tx, move_id: UUID, by: Caller) -> Accepted | Refusal:
    """The move may be executed from the present day on."""
    move = await _ready("approval", move_id, by, tx)
    if isinstance(move, Refusal):
        return move
    return await _done(replace(move, state="approved", approved_on=_today(move, tx)), move.approved(), by, tx)


async def refuse_move(command: RefuseMove, tx: Tx, move_id: UUID, by: Caller) -> Accepted | Refusal:
    """The move may not be executed; the reason goes to the customer by mail."""
    move = await _ready("refusal", move_id, by, tx)
    if isinstance(move, Refusal):
        return move
    refused = replace(move, state="refused", refusal_reason=command.reason)
    return await _done(refused, move.refused(command.reason), by, tx)


async def execute_move(command: ExecuteMove, tx: Tx, move_id: UUID, by: Caller) -> Accepted | Refusal:
    """The product stands in the other country."""
    move = await _ready("execution", move_id, by, tx)
    if isinstance(move, Refusal):
        return move
    today, approved_on = _today(move, tx), move.approved_on
    assert approved_on is not None  # an approved move has its day
    if not approved_on <= command.executed_on <= today:
        accepted = f"{approved_on} … {today}"
        return Refusal("execution-day-impossible", 422, "/executed_on", str(command.executed_on), accepted)
    executed = replace(move, state="executed", executed_on=command.executed_on)
    return await _done(executed, move.executed(command.executed_on), by, tx)


async def withdraw_move(_: TakeStep, tx: Tx, move_id: UUID, by: Caller) -> Accepted | Refusal:
    """The requester does not want it any more."""
    move = await _ready("withdrawal", move_id, by, tx)
    if isinstance(move, Refusal):
        return move
    return await _done(replace(move, state="withdrawn"), move.withdrawn(), by, tx)


async def withdraw_open_move(product_id: UUID, tx: Tx) -> MoveWithdrawn | None:
    """The locked product is in other hands, or comes into them: its open move is nobody's wish any more (REG-17)."""
    move = await store.open_of(tx, product_id)
    if move is None:
        return None
    await store.put(tx, replace(move, state="withdrawn"), ITSELF)
    return move.withdrawn()


async def _ready(step: Step, move_id: UUID, by: Caller, tx: Tx) -> Move | Refusal:
    """The move, locked, when this step may be taken now."""
    seen = await store.find(tx, move_id, by.sight, by.brand)
    if seen is None:
        return Refusal("not-found", 404)
    product = await lock_product(seen.product_id, tx)  # before the move, as everywhere
    move = await store.lock(tx, move_id)
    assert move is not None  # moves are never deleted
    if step not in move.possible:
        details = {"state": move.state, "possible": ", ".join(move.possible) or "–"}
        return Refusal("move-step-impossible", 409, "/step", step, list(move.possible), details)
    if step != "withdrawal" and (product.released or product.customer_id != move.customer_id):
        return Refusal("move-overtaken", 409, "/step", step, ["withdrawal"])
    return move


async def _done(move: Move, said: Facts, by: Caller, tx: Tx) -> Accepted:
    await store.put(tx, move, by.subject)
    return Accepted(move_view(move, await store.steps(tx, [move.move_id])), said, 200)


def _today(move: Move, tx: Tx) -> date:
    return policy_of(move.brand).day_of(tx.now)

"""How a contest ends: staff decide, or the claimant withdraws (REG-16)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.registration import CancellationReason
from event_schemas.registration_cases import ContestDecision
from registration_service.certificates.handlers import certificate_of
from registration_service.contests import store
from registration_service.contests.domain import Contest, Party, State, Statement
from registration_service.contests.handlers import ContestView, find_open, is_contested, view_of
from registration_service.products.domain import Product
from registration_service.products.handlers import Redeemed, cancel_all, lock, redeem, release, settle_on, unit_of


class DecideContest(BaseModel):
    """Whose the product is, and why; both parties are told by mail."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    decision: Literal["holder_keeps", "claimant_gets"] = Field(examples=["claimant_gets"])
    reason: Statement = Field(examples=["The invoice of the claimant names the serial number."])


class WithdrawClaim(BaseModel):
    """The claimant no longer claims the product."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SettlementView(ContestView):
    """A settled contest and, where the claimant got the product, its new registration."""

    state: State = Field(examples=["settled"])
    parties: list[Party] = Field(examples=[["holder", "claimant"]])
    holder_id: UUID | None = Field(examples=["0199a3c4-7b10-7004-8a5e-4d1f6c2b0004"])
    settled_at: datetime | None = Field(examples=["2026-11-24T14:00:00Z"])
    decision: str | None = Field(examples=["claimant_gets"])
    reason: str | None = Field(examples=["The invoice of the claimant names the serial number."])
    redemption_id: UUID | None = None
    """The claimant's redeemed unit; null when there was none to redeem, or asked for, or nothing changed hands."""
    not_redeemed: Literal["certificate-exhausted"] | None = Field(None, examples=[None])
    """Why the product is the claimant's now, yet without the service."""


async def decide(command: DecideContest, tx: Tx, contest_id: UUID, by: Caller) -> Accepted | Refusal:
    """Settle an open contest; the claimant's claim is registered when it wins."""
    contest = await find_open(tx, contest_id, by)
    if isinstance(contest, Refusal):
        return contest
    decision = ContestDecision(command.decision)
    await store.settle(tx, contest_id, decision, command.reason, by.subject)
    facts: list[Event] = []
    redeemed: Redeemed | Refusal | None = None
    if decision is ContestDecision.CLAIMANT_GETS:
        facts, redeemed = await _give_to_claimant(contest, by, tx)
    else:
        await _let_go(contest.product_id, tx)
        facts = [contest.settled(decision)]
    closed = await store.lock(tx, contest_id)
    view = SettlementView(
        **view_of(closed, closed.parties_of(by)).model_dump(),
        redemption_id=redeemed.redemption.redemption_id if isinstance(redeemed, Redeemed) else None,
        not_redeemed="certificate-exhausted" if isinstance(redeemed, Refusal) else None,
    )
    return Accepted(view, (*facts, *contest.answers(decision, command.reason)), 200)


async def withdraw(command: WithdrawClaim, tx: Tx, contest_id: UUID, by: Caller) -> Accepted | Refusal:
    """End a contest by its claimant's own will; the holder keeps the product, and is told."""
    del command  # says nothing
    contest = await find_open(tx, contest_id, by)
    if isinstance(contest, Refusal):
        return contest
    if "claimant" not in contest.parties_of(by):
        return Refusal("claimant-only", 403)
    await store.settle(tx, contest_id, ContestDecision.WITHDRAWN, None, by.subject)
    await _let_go(contest.product_id, tx)
    closed = await store.lock(tx, contest_id)
    told_to_holder, _ = contest.answers(ContestDecision.WITHDRAWN, "")  # the claimant knows
    facts = contest.settled(ContestDecision.WITHDRAWN), told_to_holder
    return Accepted(view_of(closed, closed.parties_of(by)), facts, 200)


async def _let_go(product_id: UUID, tx: Tx) -> None:
    """A product that its customer gave up meanwhile is nobody's, once nobody claims it."""
    product = await lock(product_id, tx)
    if product.given_up and not await is_contested(product_id, tx):
        await release(product, tx)


async def _give_to_claimant(contest: Contest, by: Caller, tx: Tx) -> tuple[list[Event], Redeemed | Refusal | None]:
    held = await lock(contest.product_id, tx)
    cancelled = await cancel_all(held, CancellationReason.CONTEST_SETTLED, by.subject, tx, contest.certificate_id)
    product = await settle_on(_claimed(contest), tx)
    others = await store.point_at(tx, product)
    redeemed: Redeemed | Refusal | None = None
    if contest.certificate_id:
        certificate = await certificate_of(contest.certificate_id, tx)
        redeemed = await redeem(product, certificate, contest.claimant, tx)
    facts = [*cancelled, contest.settled(ContestDecision.CLAIMANT_GETS), product.registered()]
    if isinstance(redeemed, Redeemed):
        facts.append(redeemed.redemption.redeemed())
    return [*facts, *(other.contested() for other in others)], redeemed


def _claimed(contest: Contest) -> Product:
    claimed = unit_of(
        contest.brand, contest.model, contest.serial, contest.purchased_on, contest.claimant_id, contest.claimant
    )
    return claimed.known_as(contest.product_id)

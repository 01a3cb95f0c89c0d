"""A second claim on a product opens a contest instead of a flat refusal (REG-16)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field
from uuid6 import uuid7

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Refusal
from event_schemas.registration_cases import RegistrationContested
from registration_service.contests import store
from registration_service.contests.domain import Claim, Contest, Party, State, contest_of
from registration_service.products.domain import Product
from registration_service.products.handlers import lock


@dataclass(frozen=True, slots=True)
class Opened:
    """The open contest of a claimant, and what there is to say about it: nothing when it was open before."""

    contest: Contest
    facts: tuple[RegistrationContested, ...] = ()


class ContestView(BaseModel):
    """A product that is registered for another customer is claimed; the registration stays until staff decide."""

    contest_id: UUID = Field(examples=["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4c01"])
    brand: str = Field(examples=["dynabook"])
    product_id: UUID
    serial: str = Field(examples=["9H0123456X"])
    model: str = Field(examples=["PT5B1E-0K601"])
    state: State = Field(examples=["open"])
    """`settled` once staff have decided or the claimant has withdrawn."""
    parties: list[Party] = Field(examples=[["claimant"]])
    """The sides on which the reader stands; both for staff."""
    holder_id: UUID | None = Field(examples=[None])
    """The customer for whom it is registered; null for the other side."""
    claimant_id: UUID | None
    """The customer who claims it; null for the other side."""
    service_reference: str | None = Field(examples=["PPCP013FR-VGAD"])
    """The service that the claimant wants to register; null for the holder, and when it is the product alone."""
    purchased_on: date | None = Field(examples=["2026-11-20"])
    """Day of purchase as the claimant says; null for the holder."""
    opened_at: datetime
    settled_at: datetime | None = Field(examples=[None])
    decision: str | None = Field(examples=[None])
    """`holder_keeps`, `claimant_gets` or `withdrawn`; null while it is open."""
    reason: str | None = Field(examples=[None])
    """As staff wrote it; null for a withdrawn claim."""


async def open_contest(product: Product, claim: Claim, tx: Tx) -> Opened:
    """One open contest for each locked product and claimant, however often they claim; the first claim is kept."""
    if known := await store.open_of(tx, product.product_id, claim.customer_id):
        return Opened(known)
    contest = contest_of(uuid7(), product, claim, tx.now)
    await store.open_contest(tx, contest)
    if claim.by.proof_of_purchase:
        await store.give(tx, uuid7(), contest.contest_id, "claimant", "", claim.by.proof_of_purchase, claim.by.subject)
    return Opened(contest, (contest.contested(),))


async def is_contested(product_id: UUID, tx: Tx) -> bool:
    """Whether somebody else claims a locked product at this moment."""
    return await store.is_contested(tx, product_id)


async def find_open(tx: Tx, contest_id: UUID, by: Caller) -> Contest | Refusal:
    """An open contest that the caller may see, locked after its product."""
    found = await store.find(tx, Whose.seen_by(by), contest_id)
    if found is None:
        return Refusal("not-found", 404)
    await lock(found.product_id, tx)
    contest = await store.lock(tx, contest_id)
    if contest.settled_at:
        details = {"settled_at": contest.settled_at, "decision": contest.decision}
        return Refusal("contest-settled", 409, details=details)
    return contest


def view_of(contest: Contest, parties: tuple[Party, ...]) -> ContestView:
    """A contest as one side may see it: persons, dates and evidence of the other side stay with staff."""
    claims = "claimant" in parties
    return ContestView(
        contest_id=contest.contest_id,
        brand=contest.brand,
        product_id=contest.product_id,
        serial=contest.serial,
        model=contest.model,
        state=contest.state,
        parties=list(parties),
        holder_id=contest.holder_id if "holder" in parties else None,
        claimant_id=contest.claimant_id if claims else None,
        service_reference=contest.service_reference if claims else None,
        purchased_on=contest.purchased_on if claims else None,
        opened_at=contest.opened_at,
        settled_at=contest.settled_at,
        decision=contest.decision,
        reason=contest.reason,
    )

"""A dispute is opened, and evidence is brought while it is open (ACT-13, I08)."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from activation_service.disputes import store
from activation_service.disputes.domain import MOST_EVIDENCE, OVER, Dispute, Statement, side_of
from activation_service.disputes.views import EvidenceView, dispute_view
from activation_service.policy import policy_of
from activation_service.products.naming import NamedProduct, find_product
from chassis import documents
from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.days import Day
from chassis.transact import Accepted, Refusal


class GiveEvidence(BaseModel):
    """What somebody says, and the documents that show it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    statement: Statement = Field(examples=["The contract DY-2026-000118 names this serial number on its second page."])
    documents: tuple[UUID, ...] = Field((), max_length=20, examples=[[]])
    """Kept before with `POST /documents`."""


class OpenDispute(GiveEvidence):
    """A product that was said not to be covered is covered, as its customer sees it."""

    product: NamedProduct
    """By `product_id`, or by `brand` and `serial`: check model and serial number first (I08)."""
    ticket_id: UUID | None = Field(None, examples=["0199a3c4-7b10-7008-8a5e-4d1f6c2b0008"])
    """The repair about which cover was denied; without one, any repair on the days of a decision counts."""
    denied_on: Day | None = Field(None, examples=["2026-11-20"])
    """The day for which it was, e.g. that of the repair request; today when it is not given, never to come."""


async def open_dispute(command: OpenDispute, tx: Tx, by: Caller) -> Accepted | Refusal:
    """One open dispute for each product and customer; the product is one that the caller may see."""
    product = await find_product(command.product, by, tx, "/product")
    if isinstance(product, Refusal):
        return product
    assert product.customer_id is not None  # what is nobody's is shown to nobody
    today = policy_of(product.brand).day_of(tx.now)
    denied_on = command.denied_on or today
    if denied_on > today:
        return Refusal("denied-in-future", 422, "/denied_on", str(denied_on), f"≤ {today}")
    # what staff open for somebody is the file of those whose file the product is
    own = side_of(by) == "customer"
    owner, organisation_id = (by.owner, by.organisation) if own else (product.owner, product.organisation_id)
    dispute = Dispute(
        dispute_id=uuid7(),
        brand=product.brand,
        product_id=product.product_id,
        serial=product.serial,
        model=product.model,
        customer_id=product.customer_id,
        owner=owner,
        organisation_id=organisation_id,
        ticket_id=command.ticket_id,
        denied_on=denied_on,
        opened_at=tx.now,
    )
    if not await store.open_dispute(tx, dispute):
        known = await store.open_of(tx, dispute.product_id, dispute.customer_id)
        return Refusal("dispute-open", 409, details={"serial": dispute.serial, "dispute_id": known})
    given = await _give(command, dispute, by, tx)
    return given if isinstance(given, Refusal) else Accepted(dispute_view(dispute), dispute.opened())


async def give_evidence(command: GiveEvidence, tx: Tx, dispute_id: UUID, by: Caller) -> Accepted | Refusal:
    """Add a statement and documents to an open dispute."""
    dispute = await find_open(dispute_id, by, tx)
    if isinstance(dispute, Refusal):
        return dispute
    if await store.count_evidence(tx, dispute_id) >= MOST_EVIDENCE:
        return Refusal("dispute-full", 409, details={"most": MOST_EVIDENCE})
    given = await _give(command, dispute, by, tx)
    return given if isinstance(given, Refusal) else Accepted(given)


async def find_open(dispute_id: UUID, by: Caller, tx: Tx) -> Dispute | Refusal:
    """A dispute that the caller may see, locked; 409 when it is decided."""
    dispute = await store.lock(tx, Whose.seen_by(by), dispute_id)
    if dispute is None:
        return Refusal("not-found", 404)
    if dispute.decided_at:
        decided_on = policy_of(dispute.brand).day_of(dispute.decided_at)
        assert dispute.decision is not None  # both are written together
        return Refusal(OVER[dispute.decision], 409, details={"decided_on": decided_on})
    return dispute


async def _give(said: GiveEvidence, dispute: Dispute, by: Caller, tx: Tx) -> EvidenceView | Refusal:
    shown = await documents.held(tx, said.documents, by, "/documents/{}") if said.documents else []
    if isinstance(shown, Refusal):
        return shown
    evidence_id, side = uuid7(), side_of(by)
    await store.give(tx, evidence_id, dispute.dispute_id, side, said.statement, said.documents, by.subject)
    return EvidenceView(
        evidence_id=evidence_id,
        side=side,
        statement=said.statement,
        documents=list(said.documents),
        given_at=tx.now,
    )

"""What the parties of an open contest say and show (REG-16)."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from uuid6 import uuid7

from chassis import documents
from chassis.caller import Caller
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.contests import store
from registration_service.contests.domain import Contest, Party, Statement, Witness
from registration_service.contests.handlers import find_open


class GiveEvidence(BaseModel):
    """What one side says, and the documents that show it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    statement: Statement = Field(examples=["I bought it new on 20 November; the invoice names the serial number."])
    documents: tuple[UUID, ...] = Field((), max_length=20, examples=[["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"]])
    """Kept before with `POST /documents`."""
    party: Party | None = Field(None, examples=["claimant"])
    """Only needed from those who stand on both sides."""


class EvidenceView(BaseModel):
    """One statement with its documents."""

    evidence_id: UUID
    party: Witness = Field(examples=["claimant"])
    """`former-holder`: whose the product was when it was said."""
    statement: str = Field(examples=["I bought it new on 20 November; the invoice names the serial number."])
    """Empty for the proof of purchase that came with the claim."""
    documents: list[UUID] = Field(examples=[["019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d01"]])
    given_at: datetime


async def give_evidence(command: GiveEvidence, tx: Tx, contest_id: UUID, by: Caller) -> Accepted | Refusal:
    """Add one side's statement and documents to an open contest."""
    contest = await find_open(tx, contest_id, by)
    if isinstance(contest, Refusal):
        return contest
    party = _speaks_for(command.party, contest, by)
    if isinstance(party, Refusal):
        return party
    shown = await documents.held(tx, command.documents, by, "/documents/{}") if command.documents else []
    if isinstance(shown, Refusal):
        return shown
    evidence_id = uuid7()
    await store.give(tx, evidence_id, contest_id, party, command.statement, command.documents, by.subject)
    view = EvidenceView(
        evidence_id=evidence_id,
        party=party,
        statement=command.statement,
        documents=list(command.documents),
        given_at=tx.now,
    )
    return Accepted(view)


def _speaks_for(asked: Party | None, contest: Contest, by: Caller) -> Party | Refusal:
    sides = contest.parties_of(by)
    if asked and asked not in sides:
        return Refusal("party-not-yours", 422, "/party", asked, sides)
    if asked is None and len(sides) > 1:
        return Refusal("party-needed", 422, "/party", None, sides)
    return asked or sides[0]

"""A product claimed twice: who holds it, who claims it, whose it is in the end (REG-16)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from chassis.caller import FILES_ALL, Caller
from event_schemas.registration_cases import ContestDecision, ContestSettled, RegistrationContested
from event_schemas.registration_mail import ContestAnswered
from registration_service.contacts.domain import LINES
from registration_service.products.domain import Product, RegisteredAs, Registrant

Party = Literal["holder", "claimant"]
Witness = Literal["holder", "claimant", "former-holder"]
"""Who brought a piece of evidence; what somebody brought who held the product before is for staff alone."""
State = Literal["open", "settled"]
Statement = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=LINES)]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the claimant wanted to register, so that a decision can."""

    customer_id: UUID
    certificate_id: UUID | None
    """None for a claim to the product alone, as is the reference."""
    service_reference: str | None
    purchased_on: date
    by: Registrant


@dataclass(frozen=True, slots=True)
class Contest:
    """One claimant's contest of one product; the holder's registration stays in force until it is settled."""

    contest_id: UUID
    brand: str
    product_id: UUID
    serial: str
    model: str
    holder_id: UUID
    holder_owner: str
    holder_organisation_id: UUID | None
    claimant_id: UUID
    owner: str
    organisation_id: UUID | None
    certificate_id: UUID | None
    """Of the service that the claimant wants to register; None for a claim to the product alone."""
    service_reference: str | None
    purchased_on: date
    registered_as: RegisteredAs
    proof_of_purchase: tuple[UUID, ...]
    opened_at: datetime
    decision: str | None = None
    reason: str | None = None
    settled_at: datetime | None = None

    @property
    def state(self) -> State:
        return "settled" if self.settled_at else "open"

    @property
    def claimant(self) -> Registrant:
        """Who registers when the claimant gets the product."""
        return Registrant(self.owner, self.organisation_id, self.registered_as, tuple(self.proof_of_purchase))

    def parties_of(self, caller: Caller) -> tuple[Party, ...]:
        """The sides on which a caller stands: by file, by organisation or as the person; both for staff."""
        holds = _stands(caller, self.holder_owner, self.holder_organisation_id, self.holder_id)
        claims = _stands(caller, self.owner, self.organisation_id, self.claimant_id)
        return (*(("holder",) if holds else ()), *(("claimant",) if claims else ()))

    def witnesses_for(self, caller: Caller) -> tuple[Witness, ...]:
        """Whose evidence a caller may see: their own side's, or everybody's for staff."""
        return ("holder", "claimant", "former-holder") if FILES_ALL in caller.scopes else self.parties_of(caller)

    def contested(self) -> RegistrationContested:
        """The fact that both may bring evidence."""
        return RegistrationContested(
            brand=self.brand,
            product_id=self.product_id,
            contest_id=self.contest_id,
            serial=self.serial,
            model=self.model,
            holder_id=self.holder_id,
            claimant_id=self.claimant_id,
        )

    def settled(self, decision: ContestDecision) -> ContestSettled:
        """The fact that it is over."""
        return ContestSettled(
            brand=self.brand,
            product_id=self.product_id,
            contest_id=self.contest_id,
            serial=self.serial,
            model=self.model,
            holder_id=self.holder_id,
            claimant_id=self.claimant_id,
            decision=decision,
        )

    def answers(self, decision: ContestDecision, reason: str) -> tuple[ContestAnswered, ContestAnswered]:
        """What the mailer tells each party."""
        return (
            self._answer(self.holder_id, decision, reason, decision is not ContestDecision.CLAIMANT_GETS),
            self._answer(self.claimant_id, decision, reason, decision is ContestDecision.CLAIMANT_GETS),
        )

    def _answer(self, party_id: UUID, decision: ContestDecision, reason: str, keeps: bool) -> ContestAnswered:
        return ContestAnswered(
            brand=self.brand,
            contest_id=self.contest_id,
            party_id=party_id,
            serial=self.serial,
            model=self.model,
            decision=decision,
            reason=reason,
            keeps_product=keeps,
        )


def contest_of(contest_id: UUID, product: Product, claim: Claim, opened_at: datetime) -> Contest:
    """A contest as it opens."""
    return Contest(
        contest_id=contest_id,
        brand=product.brand,
        product_id=product.product_id,
        serial=product.serial,
        model=product.model,
        holder_id=product.customer_id,
        holder_owner=product.owner,
        holder_organisation_id=product.organisation_id,
        claimant_id=claim.customer_id,
        owner=claim.by.owner,
        organisation_id=claim.by.organisation_id,
        certificate_id=claim.certificate_id,
        service_reference=claim.service_reference,
        purchased_on=claim.purchased_on,
        registered_as=claim.by.registered_as,
        proof_of_purchase=claim.by.proof_of_purchase,
        opened_at=opened_at,
    )


def _stands(caller: Caller, owner: str, organisation_id: UUID | None, contact_id: UUID) -> bool:
    sight = caller.sight
    if sight.owner is None:
        return True
    shared = sight.organisation_id is not None and sight.organisation_id == organisation_id
    return owner == sight.owner or shared or contact_id == sight.contact_id

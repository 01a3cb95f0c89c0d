"""How much money an accepted return gives back (CRD-01, CRD-02, CRD-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias
from uuid import UUID

from dateutil.relativedelta import relativedelta

from credits_service.policy import Policy
from event_schemas import Money
from event_schemas.credits import CreditIssued, CreditRefusal, CreditRefused, CreditRequested

CENT: Final = Decimal("0.01")
Outcome: TypeAlias = CreditRequested | CreditIssued | CreditRefused


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit was invoiced for."""

    invoice_number: str
    invoiced_on: date
    base: Money


@dataclass(frozen=True, slots=True)
class Claim:
    """An accepted return: whose it is, and the day that fixes the age."""

    credit_id: UUID
    ticket_id: UUID
    brand: str
    serial: str
    customer_id: UUID
    grms_number: str
    accepted_on: date


@dataclass(frozen=True, slots=True)
class Unit:
    """What the ledger knows of one serial."""

    prices: Sequence[Price] = ()
    """In the order in which they were recorded."""
    waiting: Claim | None = None
    """The credit that has no invoice yet."""
    issued: bool = False
    tickets: frozenset[UUID] = frozenset()
    """Returns that have their outcome."""

    def settle(self, claim: Claim, policy: Policy) -> Sequence[Outcome]:
        """The facts that follow from an accepted return; none when it was settled before."""
        if claim.ticket_id in self.tickets:
            return ()
        if self.issued or self.waiting:
            return (refused(claim, CreditRefusal.ALREADY_CREDITED),)
        price = price_in_force(self.prices, claim.accepted_on)
        return (requested(claim), issued(claim, price, policy)) if price else (requested(claim),)

    def settle_waiting(self, policy: Policy) -> CreditIssued | None:
        """The credit that waited, once a price is in force for it."""
        price = price_in_force(self.prices, self.waiting.accepted_on) if self.waiting else None
        return issued(self.waiting, price, policy) if self.waiting and price else None


def full_months(start: date, end: date) -> int:
    """Full months to a day that is not before the first; a month from the 31st ends on a shorter month's last day."""
    passed = relativedelta(end, start)
    return passed.years * 12 + passed.months


def depreciated(base: Money, percent: int) -> Money:
    """base x (100 - percent) / 100, rounded half up to the cent."""
    amount = base.amount * (100 - percent) / 100
    return Money(amount=amount.quantize(CENT, ROUND_HALF_UP), currency=base.currency)


def price_in_force(prices: Sequence[Price], on: date) -> Price | None:
    """The newest invoice dated on or before that day; of two of one day the one recorded last."""
    known = [price for price in prices if price.invoiced_on <= on]
    return max(reversed(known), key=lambda price: price.invoiced_on, default=None)


def requested(claim: Claim) -> CreditRequested:
    """An accepted return opens a credit."""
    return CreditRequested(
        brand=claim.brand,
        credit_id=claim.credit_id,
        ticket_id=claim.ticket_id,
        serial=claim.serial,
        customer_id=claim.customer_id,
        grms_number=claim.grms_number,
    )


def issued(claim: Claim, price: Price, policy: Policy) -> CreditIssued:
    """The credit with its arithmetic."""
    age = full_months(price.invoiced_on, claim.accepted_on)
    percent = policy.percent_at(age)
    return CreditIssued(
        brand=claim.brand,
        credit_id=claim.credit_id,
        ticket_id=claim.ticket_id,
        serial=claim.serial,
        customer_id=claim.customer_id,
        grms_number=claim.grms_number,
        invoice_number=price.invoice_number,
        base=price.base,
        age_months=age,
        depreciation_percent=percent,
        amount=depreciated(price.base, percent),
    )


def refused(claim: Claim, reason: CreditRefusal) -> CreditRefused:
    """No money for this return."""
    return CreditRefused(
        brand=claim.brand,
        credit_id=claim.credit_id,
        ticket_id=claim.ticket_id,
        serial=claim.serial,
        customer_id=claim.customer_id,
        grms_number=claim.grms_number,
        reason=reason,
    )

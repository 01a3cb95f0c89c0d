"""Accepted returns and known prices meet here, whichever comes first (CRD-01, CRD-07)."""

from collections.abc import Sequence
from dataclasses import replace

from uuid6 import uuid7

from chassis.database import Tx
from credits_service.ledger import store
from credits_service.ledger.domain import Claim, Outcome, Price
from credits_service.policy import policy_of
from event_schemas.credits import CreditIssued
from event_schemas.tickets import ReturnAccepted


async def settle_return(event: ReturnAccepted, tx: Tx) -> Sequence[Outcome]:
    """One outcome for each return, however often it is heard; UnknownBrand passes."""
    claim = Claim(
        credit_id=uuid7(),
        ticket_id=event.ticket_id,
        brand=event.brand,
        serial=event.serial,
        customer_id=event.customer_id,
        grms_number=event.grms_number,
        accepted_on=event.accepted_on,
    )
    policy = policy_of(event.brand)
    unit = await store.lock_unit(tx, event.brand, event.serial)
    facts = unit.settle(claim, policy)
    for fact in facts:
        await store.record(tx, fact, claim.accepted_on)
    return facts


async def price_unit(tx: Tx, brand: str, serial: str, price: Price) -> CreditIssued | None:
    """Enter what a unit was invoiced for; the credit that waited for it, if one did."""
    unit = await store.lock_unit(tx, brand, serial)
    await store.enter_price(tx, brand, serial, price)
    fact = replace(unit, prices=(*unit.prices, price)).settle_waiting(policy_of(brand))
    if fact and unit.waiting:
        await store.record(tx, fact, unit.waiting.accepted_on)
    return fact

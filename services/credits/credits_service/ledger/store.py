"""Every SQL statement about units, their entries and their credits."""

from datetime import date
from typing import Final

import asyncpg
from uuid6 import uuid7

from chassis.database import Tx
from credits_service.ledger.domain import Claim, Outcome, Price, Unit
from event_schemas import Money
from event_schemas.credits import CreditIssued, CreditRefused

_PRICES: Final = """
SELECT invoice_number, booked_on, amount, currency FROM entries
WHERE brand = $1 AND serial = $2 AND kind = 'invoiced' ORDER BY entered_at, entry_id
"""

_CREDITS: Final = """
SELECT credit_id, ticket_id, brand, serial, customer_id, grms_number, accepted_on, state FROM credits
WHERE brand = $1 AND serial = $2
"""

_OPEN: Final = """
INSERT INTO credits (credit_id, ticket_id, brand, serial, customer_id, grms_number, accepted_on, state, reason,
                     requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_ISSUE: Final = """
UPDATE credits SET state = 'issued', issued_at = $2, invoice_number = $3, base = $4, amount = $5, currency = $6,
  age_months = $7, depreciation_percent = $8, invoiced_on = (
    SELECT booked_on FROM entries e
    WHERE e.brand = credits.brand AND e.serial = credits.serial AND e.kind = 'invoiced' AND e.invoice_number = $3)
WHERE credit_id = $1
"""

_ENTER: Final = """
INSERT INTO entries (entry_id, brand, serial, kind, amount, currency, invoice_number, booked_on, credit_id, entered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def lock_unit(tx: Tx, brand: str, serial: str) -> Unit:
    """The unit, whose money nobody else decides until the transaction ends; a new serial is opened."""
    await tx.execute("INSERT INTO units (brand, serial) VALUES ($1, $2) ON CONFLICT DO NOTHING", brand, serial)
    await tx.execute("SELECT FROM units WHERE brand = $1 AND serial = $2 FOR UPDATE", brand, serial)
    prices = await tx.fetch(_PRICES, brand, serial)
    credits_ = await tx.fetch(_CREDITS, brand, serial)
    return Unit(
        prices=[
            Price(row["invoice_number"], row["booked_on"], Money(amount=row["amount"], currency=row["currency"]))
            for row in prices
        ],
        waiting=next((_claim(row) for row in credits_ if row["state"] == "requested"), None),
        issued=any(row["state"] == "issued" for row in credits_),
        tickets=frozenset(row["ticket_id"] for row in credits_),
    )


async def record(tx: Tx, fact: Outcome, accepted_on: date) -> None:
    """Keep an outcome; the unit is locked."""
    if isinstance(fact, CreditIssued):
        await _issue(tx, fact, accepted_on)
        return
    state, reason = ("refused", str(fact.reason)) if isinstance(fact, CreditRefused) else ("requested", None)
    who = (fact.credit_id, fact.ticket_id, fact.brand, fact.serial, fact.customer_id, fact.grms_number)
    await tx.execute(_OPEN, *who, accepted_on, state, reason, tx.now)


async def enter_price(tx: Tx, brand: str, serial: str, price: Price) -> None:
    """Enter what a unit was invoiced for; the unit is locked."""
    money = (price.base.amount, price.base.currency, price.invoice_number, price.invoiced_on)
    await tx.execute(_ENTER, uuid7(), brand, serial, "invoiced", *money, None, tx.now)


async def _issue(tx: Tx, fact: CreditIssued, accepted_on: date) -> None:
    await tx.execute(
        _ISSUE,
        fact.credit_id,
        tx.now,
        fact.invoice_number,
        fact.base.amount,
        fact.amount.amount,
        fact.amount.currency,
        fact.age_months,
        fact.depreciation_percent,
    )
    money = (-fact.amount.amount, fact.amount.currency, fact.invoice_number, accepted_on)
    await tx.execute(_ENTER, uuid7(), fact.brand, fact.serial, "credited", *money, fact.credit_id, tx.now)


def _claim(row: asyncpg.Record) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__dataclass_fields__})

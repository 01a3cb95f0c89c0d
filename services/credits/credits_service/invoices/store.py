"""Every SQL statement about invoices."""

from typing import Final

from chassis.database import Tx
from credits_service.invoices.domain import Invoice

_ADD: Final = """
INSERT INTO invoices (invoice_id, brand, invoice_number, serial, invoiced_on, price, currency, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (brand, invoice_number, serial) DO NOTHING
"""


async def add(tx: Tx, invoice: Invoice) -> bool:
    """Keep an invoice; False when that number lists the unit already."""
    done = await tx.execute(
        _ADD,
        invoice.invoice_id,
        invoice.brand,
        invoice.invoice_number,
        invoice.serial,
        invoice.invoiced_on,
        invoice.price.amount,
        invoice.price.currency,
        tx.now,
    )
    return done == "INSERT 0 1"

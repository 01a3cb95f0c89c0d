"""The smallest service that uses all of the chassis: it keeps invoices, hears returns and lets reminders go off.

It goes by the name of credits, so that it may say that service's facts; it shares nothing else with it.
"""

from tests.support.toy.service import TOY, Invoice, RecordInvoice, note_return, record_invoice, remind

__all__ = ["TOY", "Invoice", "RecordInvoice", "note_return", "record_invoice", "remind"]

"""What in this service refers to documents."""

from datetime import timedelta
from typing import Final

from chassis import documents
from chassis.database import Tx

USED: Final = """
SELECT unnest(proof_of_purchase) FROM redemptions
UNION ALL SELECT unnest(proof_of_purchase) FROM products
UNION ALL SELECT unnest(proof_of_purchase) FROM contests
UNION ALL SELECT unnest(documents) FROM evidence
UNION ALL SELECT file_id FROM dossiers
UNION ALL SELECT document_id FROM dossier_invoices
UNION ALL SELECT document_id FROM announcements
"""
"""Every column that names a document; what is missing here would be dropped under those who need it."""


async def forget_unused(tx: Tx, age: timedelta) -> int:
    """Drop some documents of this age to which nothing refers; how many."""
    return await documents.drop_unused(tx, age, USED)

"""What in this service refers to documents."""

from typing import Final

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

"""What in this service refers to documents."""

from typing import Final

USED: Final = """
SELECT unnest(documents) FROM dispute_evidence
UNION ALL SELECT document_id FROM releases WHERE document_id IS NOT NULL
"""
"""Every column that names a document; what is missing here would be dropped under those who need it."""

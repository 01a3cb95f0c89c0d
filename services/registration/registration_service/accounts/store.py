"""Every SQL statement about contacts."""

from typing import Final
from uuid import UUID

from chassis.database import Tx
from registration_service.accounts.domain import Contact

_WRITE: Final = """
INSERT INTO contacts (contact_id, brand, name, email, language, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (brand, lower(email)) DO UPDATE SET name = $3, language = $5, changed_at = $6
WHERE (contacts.name, contacts.language) IS DISTINCT FROM ($3, $5)
RETURNING contact_id, brand, name, email, language
"""
_STANDS: Final = """
SELECT contact_id FROM contacts WHERE brand = $1 AND lower(email) = lower($2) AND name = $3 AND language = $4
"""


async def write(tx: Tx, contact: Contact) -> Contact | None:
    """Write a new or changed contact and return it as it stands; None when it stood like this already."""
    row = await tx.fetchrow(
        _WRITE, contact.contact_id, contact.brand, contact.name, contact.email, contact.language, tx.now
    )
    return Contact(**row) if row else None


async def id_of(tx: Tx, contact: Contact) -> UUID | None:
    """The id of a contact that stands exactly like this, without locking it."""
    found: UUID | None = await tx.fetchval(_STANDS, contact.brand, contact.email, contact.name, contact.language)
    return found

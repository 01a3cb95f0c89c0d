"""The SQL of contacts."""

from typing import Final
from uuid import UUID

from chassis.database import Tx
from event_schemas.contacts import ContactChanged
from notifications_service.contacts.domain import Contact

_UPSERT: Final = """
INSERT INTO contacts (contact_id, brand, name, email, language, keep_me_informed, said_by, heard_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (contact_id) DO UPDATE
SET brand = excluded.brand, name = excluded.name, email = excluded.email, language = excluded.language,
    keep_me_informed = excluded.keep_me_informed, said_by = excluded.said_by, heard_at = excluded.heard_at
WHERE excluded.said_by > contacts.said_by
"""


async def hold_off_changes(tx: Tx, contact_id: UUID) -> None:
    """Until the transaction ends nobody makes this contact known; any number may hold it off together."""
    await tx.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", str(contact_id))


async def lock(tx: Tx, contact_id: UUID) -> None:
    """Wait for those who hold changes off; works for a contact that has no row yet."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(contact_id))


async def put(tx: Tx, event: ContactChanged, said_by: UUID) -> None:
    """Keep the contact unless a newer event has said otherwise."""
    await tx.execute(
        _UPSERT,
        event.contact_id,
        event.brand,
        event.name,
        event.email,
        event.language,
        event.keep_me_informed,
        said_by,
        tx.now,
    )


async def find(tx: Tx, contact_id: UUID) -> Contact | None:
    """The contact as known now."""
    row = await tx.fetchrow("SELECT contact_id, name, email, language FROM contacts WHERE contact_id = $1", contact_id)
    return Contact(**row) if row else None

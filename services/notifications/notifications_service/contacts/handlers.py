"""What is done with contacts."""

from uuid import UUID

from chassis.database import Tx
from event_schemas.contacts import ContactChanged
from notifications_service.contacts import store
from notifications_service.contacts.domain import Contact


async def note_contact(event: ContactChanged, tx: Tx) -> None:
    """Keep how a person is reached; of two events the newer counts, in whatever order they are heard."""
    assert tx.cause.causation_id is not None
    await store.lock(tx, event.contact_id)
    await store.put(tx, event, UUID(tx.cause.causation_id))


async def is_known(contact_id: UUID, tx: Tx) -> bool:
    """True when the person can be written to; the answer stays true until the transaction ends."""
    await store.hold_off_changes(tx, contact_id)
    return await store.find(tx, contact_id) is not None


async def contact_of(contact_id: UUID, tx: Tx) -> Contact:
    """How the person is reached now; raises LookupError when that is not known."""
    contact = await store.find(tx, contact_id)
    if contact is None:
        raise LookupError(f"contact {contact_id} is not known")
    return contact

"""The contact behind an account: made at sign-up, and once the address is proven changed by its account alone."""

from uuid import UUID

from uuid6 import uuid7

from chassis.database import Tx
from event_schemas.contacts import ContactChanged
from registration_service.contacts import store
from registration_service.contacts.handlers import Recognised


async def contact_behind(brand: str, email: str, language: str, tx: Tx) -> Recognised:
    """The contact of an address as it stands, or a new one without a name (REG-01)."""
    if known := await store.at_address(tx, brand, email):
        return Recognised(known)
    new = uuid7()
    if not await store.open_nameless(tx, new, brand, email, language):
        known = await store.at_address(tx, brand, email)
        assert known is not None  # somebody else wrote it a moment ago
        return Recognised(known)
    fact = ContactChanged(contact_id=new, brand=brand, name="", email=email, language=language)
    return Recognised(new, (fact,))


async def hold(contact_id: UUID, account_id: UUID, tx: Tx) -> None:
    """From now on only this account changes the contact.

    Phone, company, address and channel are forgotten, as anybody may have written them; name and language stay until
    the profile says them, which is the account's next step.
    """
    await store.hold(tx, contact_id, account_id)


async def change_held(
    contact_id: UUID, name: str, language: str, phone: str | None, keep_me_informed: bool, tx: Tx
) -> tuple[ContactChanged]:
    """Write what the account's holder wants to be called, in which language, and where to call (REG-05)."""
    row = await store.change_held(tx, contact_id, name, language, phone)
    assert row is not None  # an account's contact is never taken away from it
    return (ContactChanged(**row, keep_me_informed=keep_me_informed),)


async def let_go(contact_ids: list[UUID], tx: Tx) -> None:
    """Drop contacts that were made at a sign-up and that nobody has named since: nothing else refers to those."""
    await store.drop_nameless(tx, contact_ids)

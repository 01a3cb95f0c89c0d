"""What signing up leaves behind is forgotten: proofs after a day, and who never proved an address after 30 (REG-01)."""

from datetime import datetime, timedelta
from typing import Final

from chassis.database import Tx
from registration_service.accounts import store
from registration_service.contacts.holding import let_go

PROVEN_WITHIN: Final = timedelta(days=30)
"""From the first sign-up with an address."""


async def forget_proofs(tx: Tx, before: datetime) -> None:
    """Drop sign-ups, codes and links that were over before a moment."""
    await store.forget(tx, before)


async def forget_unverified(tx: Tx) -> None:
    """Drop accounts whose address nobody has proven in 30 days, and contacts that were made for them alone.

    Only rows of this database: others are not told that a contact is gone.
    """
    held = await store.hold_unverified(tx, tx.now - PROVEN_WITHIN)
    await let_go(await store.forget_unverified(tx, held), tx)

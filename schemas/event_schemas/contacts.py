"""Private, compacted: whom to write to. Erasure is a tombstone under the same key (ALL-05)."""

from event_schemas.base import Event, Id


class ContactChanged(Event, type="contact.changed", version=1, key="contact_id"):
    """How a person is reached now; the newest one counts."""

    contact_id: Id
    name: str
    email: str
    language: str
    """ISO 639-1: `fr`, `nl` or `en`."""
    keep_me_informed: bool | None = None
    """The account's default for mails that one may do without; None when nothing was said."""

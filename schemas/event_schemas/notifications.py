"""What notifications says: which mail went out, or could not (NTF-04)."""

from event_schemas.base import Event, Id


class NotificationSent(Event, type="notification.sent", version=1, key="mail_id"):
    """The mail server took a mail."""

    mail_id: Id
    kind: str
    """Which mail, e.g. `service-operational`."""
    contact_id: Id
    language: str
    caused_by: Id
    """Id of the event that the mail tells of."""


class NotificationFailed(Event, type="notification.failed", version=1, key="mail_id"):
    """The mail server refused a mail for good."""

    mail_id: Id
    kind: str
    contact_id: Id
    caused_by: Id
    reason: str
    """The server's answer, without the address."""

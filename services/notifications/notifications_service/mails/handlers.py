"""What is done with events that people are told of, and with the mail server's answers."""

from uuid import UUID

from uuid6 import uuid7

from chassis.database import Tx
from event_schemas.contacts import ContactChanged
from event_schemas.notifications import NotificationFailed, NotificationSent
from notifications_service.contacts.handlers import is_known, note_contact
from notifications_service.mails import store
from notifications_service.mails.domain import (
    EXPIRED,
    Attempt,
    Mail,
    MailState,
    PutOff,
    Refused,
    Unsent,
    final,
    kept_of,
    wait_after,
    without_secrets,
)
from notifications_service.mails.kinds import Mailed, mails_of
from notifications_service.policy import policy_of


async def queue_mails(event: Mailed, tx: Tx) -> None:
    """Enter the mails of an event, if it makes any; one waits until its recipient is known. Raises UnknownBrand."""
    assert tx.cause.causation_id is not None
    domain = policy_of(event.brand).contact.email.rpartition("@")[2]
    for told in mails_of(event):
        mail_id = uuid7()
        mail = Mail(
            id=mail_id,
            message_id=f"<{mail_id}@{domain}>",
            kind=told.kind,
            contact_id=told.contact_id,
            caused_by=UUID(tx.cause.causation_id),
            correlation_id=tx.cause.correlation_id,
            event=event,
            queued_at=tx.now,
            attempts=0,
        )
        known = await is_known(mail.contact_id, tx)
        await store.put(tx, mail, MailState.QUEUED if known else MailState.WAITING)


async def release_mails(event: ContactChanged, tx: Tx) -> None:
    """Keep how a person is reached and queue the mails that waited for it."""
    await note_contact(event, tx)
    await store.release(tx, event.contact_id)


async def settle_mail(attempt: Attempt, tx: Tx) -> NotificationSent | NotificationFailed | None:
    """Note what became of an attempt: sent, to be tried again later, or failed for good (NTF-04)."""
    mail = attempt.mail
    outcome = final(attempt.outcome, mail.queued_at, tx.now)
    if isinstance(outcome, PutOff):
        await store.record(tx, attempt, MailState.QUEUED, outcome.reason, wait_after(mail.attempts + 1))
        return None
    if (kept := kept_of(mail.event)) != mail.event.model_dump(mode="json"):
        await store.forget(tx, mail.id, kept)
    if isinstance(outcome, Refused):
        await store.record(tx, attempt, MailState.FAILED, outcome.reason, None)
        return _failed(mail, mail.event.brand, outcome.reason)
    await store.record(tx, attempt, MailState.SENT, None, None)
    return NotificationSent(
        brand=mail.event.brand,
        mail_id=mail.id,
        kind=mail.kind,
        contact_id=mail.contact_id,
        language=attempt.language,
        caused_by=mail.caused_by,
    )


async def lapse_mail(mail: Unsent, tx: Tx) -> NotificationFailed:
    """Give up a mail whose code or link counts no more, whether or not it can still be read (REG-01, REG-05)."""
    if (kept := without_secrets(mail.event)) != mail.event:
        await store.forget(tx, mail.id, kept)
    await store.lapse(tx, mail.id)
    return _failed(mail, mail.brand, EXPIRED)


def _failed(mail: Mail | Unsent, brand: str, reason: str) -> NotificationFailed:
    return NotificationFailed(
        brand=brand,
        mail_id=mail.id,
        kind=mail.kind,
        contact_id=mail.contact_id,
        caused_by=mail.caused_by,
        reason=reason,
    )

"""What is done with events that people are told of, and with the mail server's answers."""

from uuid import UUID

from uuid6 import uuid7

from chassis.database import Tx
from event_schemas.contacts import ContactChanged
from event_schemas.notifications import NotificationFailed, NotificationSent
from event_schemas.registration import CancellationReason, RegistrationCancelled
from notifications_service.contacts.handlers import is_known, note_contact
from notifications_service.mails import store
from notifications_service.mails.domain import (
    Attempt,
    Mail,
    Mailed,
    MailState,
    PutOff,
    Refused,
    final,
    kind_of,
    recipient_of,
    wait_after,
)
from notifications_service.policy import policy_of


async def queue_mail(event: Mailed, tx: Tx) -> None:
    """Enter the mail of an event; it waits while nobody has said how its recipient is reached. Raises UnknownBrand."""
    assert tx.cause.causation_id is not None
    mail_id, domain = uuid7(), policy_of(event.brand).contact.email.rpartition("@")[2]
    mail = Mail(
        id=mail_id,
        message_id=f"<{mail_id}@{domain}>",
        kind=kind_of(event),
        contact_id=recipient_of(event),
        caused_by=UUID(tx.cause.causation_id),
        correlation_id=tx.cause.correlation_id,
        event=event,
        queued_at=tx.now,
        attempts=0,
    )
    known = await is_known(mail.contact_id, tx)
    await store.put(tx, mail, MailState.QUEUED if known else MailState.WAITING)


async def queue_cancellation(event: RegistrationCancelled, tx: Tx) -> None:
    """As queue_mail, but for a cancellation that follows a refused activation: its refusal is mailed already."""
    if event.reason is not CancellationReason.ACTIVATION_REFUSED:
        await queue_mail(event, tx)


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
    common = {
        "brand": mail.event.brand,
        "mail_id": mail.id,
        "kind": mail.kind,
        "contact_id": mail.contact_id,
        "caused_by": mail.caused_by,
    }
    if isinstance(outcome, Refused):
        await store.record(tx, attempt, MailState.FAILED, outcome.reason, None)
        return NotificationFailed.model_validate({**common, "reason": outcome.reason})
    await store.record(tx, attempt, MailState.SENT, None, None)
    return NotificationSent.model_validate({**common, "language": attempt.language})

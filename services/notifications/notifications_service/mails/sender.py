"""Sends what is queued: an errand that runs beside the relay (NTF-04).

A mail is written when it is sent, so that the newest address and language count. Handing over and noting it are one
transaction: when the process dies in between, the mail goes out again under the same Message-ID. That is the one way
in which a server can get a mail twice. A mail whose code has expired is not sent.
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from chassis import outbox
from chassis.database import Cause, Database, Tx, is_transient
from chassis.told import told
from event_schemas.notifications import NotificationFailed, NotificationSent
from notifications_service.contacts.handlers import contact_of
from notifications_service.mails import store
from notifications_service.mails.domain import EXPIRED, Attempt, Mail, Outcome, PutOff, Refused, Unsent
from notifications_service.mails.handlers import lapse_mail, settle_mail
from notifications_service.mails.kinds import asked_language
from notifications_service.mails.letter import compose
from notifications_service.mails.smtp import Server
from notifications_service.mails.wording import write
from notifications_service.offers.handlers import names_of
from notifications_service.policy import policy_of
from notifications_service.settings import MailSettings

log = structlog.get_logger()
IDLE_SECONDS: Final = 0.2
AWAY_SECONDS: Final = 1.0
NO_CAUSE: Final = Cause("")


async def send_mails(database: Database, settings: MailSettings, stop: asyncio.Event) -> None:
    """Send until `stop` is set; a broken world is waited out."""
    sender = Sender(database, settings)
    while not stop.is_set():
        try:
            pause = AWAY_SECONDS if await sender.send_due(stop) else IDLE_SECONDS
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("sender waits for the database", error=told(error))
            pause = AWAY_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


class Sender:
    """Takes due mails one by one; several senders may work at once."""

    def __init__(self, database: Database, settings: MailSettings) -> None:
        self._database, self._from = database, settings.smtp_from
        self._server = Server(settings)

    async def send_due(self, stop: asyncio.Event | None = None) -> bool:
        """Send until nothing is due; returns True when it ended early because the mail server is away."""
        away = False
        try:
            while not away and not (stop and stop.is_set()) and (outcome := await self._next()):
                away = isinstance(outcome, PutOff) and outcome.server_away
        finally:
            await self._server.close()
        return away

    async def _next(self) -> Outcome | None:
        """Send the mail whose turn it is; None when none is due. A mail that cannot be written is put off, with why."""
        row = None
        try:
            async with self._database.transaction(NO_CAUSE) as tx:
                if (row := await store.take_due(tx)) is None:
                    return None
                if row["expires_at"] and row["expires_at"] <= tx.now:
                    return await self._lapse(store.unsent_of(row), tx)
                return await self._send(store.mail_of(row), tx)
        except Exception as error:
            if row is None or is_transient(error):
                raise
            log.error("mail cannot be written", mail_id=str(row["id"]), kind=row["kind"], error=told(error))
            reason = f"cannot be written: {told(error)}"[:300]
            async with self._database.transaction(NO_CAUSE) as tx:
                await store.put_off(tx, row["id"], row["attempts"], reason)
            return PutOff(reason)

    async def _send(self, mail: Mail, tx: Tx) -> Outcome:
        contact, policy = await contact_of(mail.contact_id, tx), policy_of(mail.event.brand)
        language = policy.language_for(asked_language(mail.event) or contact.language)
        names = await names_of(mail.event.brand, getattr(mail.event, "service_reference", None), tx)
        letter = write(mail.kind, mail.event, contact.name, policy, language, names)
        message = compose(mail, letter, contact, policy, self._from, tx.now)
        outcome = await self._server.offer(message, self._from or policy.contact.email, contact.email)
        own = tx.answering(Cause(mail.correlation_id, str(mail.caused_by)))
        fact = await settle_mail(Attempt(mail, language, letter.subject, contact.email, outcome), own)
        await self._say(fact, own)
        log.info("mail offered", mail_id=str(mail.id), kind=mail.kind, outcome=type(outcome).__name__)
        return outcome

    async def _lapse(self, mail: Unsent, tx: Tx) -> Outcome:
        own = tx.answering(Cause(mail.correlation_id, str(mail.caused_by)))
        await self._say(await lapse_mail(mail, own), own)
        log.warning("mail has expired", mail_id=str(mail.id), kind=mail.kind)
        return Refused(EXPIRED)

    async def _say(self, fact: NotificationSent | NotificationFailed | None, tx: Tx) -> None:
        await outbox.put(tx, outbox.messages_of(fact, self._database, tx))

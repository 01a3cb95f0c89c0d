"""The mail server, and what its answers mean (NTF-04)."""

import asyncio
from email.message import EmailMessage
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from notifications_service.mails.domain import Outcome, PutOff, Refused, Taken, without_address
from notifications_service.settings import MailSettings

FOR_GOOD: Final = 500


class Server:
    """One connection, opened when it is needed and closed when nothing is left to send."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: SMTP | None = None

    async def offer(self, message: EmailMessage, sender: str, recipient: str) -> Outcome:
        """Hand a message over.

        A 5xx to the recipient or the content is for good. All else is tried again: a 4xx, a lost connection, and
        also a 5xx to greeting, login or sender, which are this installation's mistake and not the mail's.
        """
        try:
            async with asyncio.timeout(self._settings.smtp_timeout_seconds):
                client = await self._connected()
                await client.send_message(message, sender=sender, recipients=[recipient])
        except (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupported) as error:
            return _answered(error, recipient)
        except (SMTPException, OSError) as error:
            self._drop()
            return PutOff(without_address(_said(error), recipient), server_away=True)
        return Taken()

    async def close(self) -> None:
        """Take leave of the server."""
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                async with asyncio.timeout(self._settings.smtp_timeout_seconds):
                    await client.quit()
            except (SMTPException, OSError):
                client.close()

    async def _connected(self) -> SMTP:
        if self._client is None or not self._client.is_connected:
            told = self._settings
            self._client = SMTP(
                hostname=told.smtp_host,
                port=told.smtp_port,
                username=told.smtp_user or None,
                password=told.smtp_password or None,
                timeout=told.smtp_timeout_seconds,
            )
            await self._client.connect()
        return self._client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _answered(error: SMTPException, recipient: str) -> Outcome:
    said = without_address(_said(error), recipient)
    first = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
    lasting = first.code >= FOR_GOOD if isinstance(first, SMTPResponseException) else True
    return Refused(said) if lasting else PutOff(said)


def _said(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return _said(error.recipients[0])
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__}: {error}".rstrip(": ")

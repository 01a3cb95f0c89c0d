"""The SMTP side: takes every mail that is not larger than 10 MB."""

from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from aftercare_local.mail.store import MailStore

LARGEST: Final = 10 * 1024 * 1024


class Keep:
    """Answers 250 only once the mail is on disk, as a real server does."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - named by aiosmtpd
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        try:
            mail = self._store.keep(raw, envelope.mail_from or "", list(envelope.rcpt_tos))
        except OSError as error:
            return f"452 not kept: {error.strerror}"
        return f"250 kept as {mail.id}"


def smtp_server(store: MailStore) -> SMTP:
    """The protocol object for one connection."""
    return SMTP(
        Keep(store), data_size_limit=LARGEST, hostname="localhost", ident="Aftercare mail sink", enable_SMTPUTF8=True
    )

"""Mails on disk: one `.eml` file each, with a small JSON file beside it that says when and to whom."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path
from typing import Any

from aftercare_local.home import write_whole


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived; `deliveries` holds the moment (UTC) of each arrival of the same Message-ID."""

    id: str
    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    deliveries: tuple[datetime, ...]

    @cached_property
    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.raw)

    @property
    def received_at(self) -> datetime:
        return self.deliveries[0]

    def body(self, kind: str) -> str:
        """The plain or html part; empty when the mail has none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""

    def as_json(self) -> dict[str, Any]:
        headers = self.message
        return {
            "id": self.id,
            "message_id": str(headers.get("Message-ID", "")),
            "from": self.sender,
            "to": list(self.recipients),
            "subject": str(headers.get("Subject", "")),
            "received_at": self.received_at.isoformat(),
            "deliveries": [moment.isoformat() for moment in self.deliveries],
            "headers": {name: str(value) for name, value in headers.items()},
            "text": self.body("plain"),
            "html": self.body("html"),
            "attachments": [part.get_filename() or part.get_content_type() for part in headers.iter_attachments()],
        }


class MailStore:
    """The mails in a directory, in the order of arrival."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._mails = {mail.id: mail for mail in sorted(self._read(), key=lambda mail: mail.received_at)}

    def keep(self, raw: bytes, sender: str, recipients: list[str]) -> Mail:
        """Add a mail; the same Message-ID to the same people again only counts as one more delivery."""
        named = BytesParser(policy=policy.default).parsebytes(raw, headersonly=True).get("Message-ID")
        key = f"{named} {sorted(recipients)}" if named else repr(raw)
        identity = hashlib.sha256(key.encode()).hexdigest()[:16]
        now = datetime.now(UTC)
        known = self._mails.get(identity)
        mail = (
            replace(known, deliveries=(*known.deliveries, now))
            if known
            else Mail(identity, raw, sender, tuple(recipients), (now,))
        )
        self._write(mail)
        self._mails[identity] = mail
        return mail

    def find(self, to: str | None = None, since: datetime | None = None) -> list[Mail]:
        """Mails in order of arrival, to one address (any letter case), and from a moment on."""
        return [
            mail
            for mail in self._mails.values()
            if (to is None or to.lower() in (one.lower() for one in mail.recipients))
            and (since is None or mail.deliveries[-1] >= since)
        ]

    def get(self, identity: str) -> Mail | None:
        return self._mails.get(identity)

    def clear(self) -> None:
        self._mails.clear()
        for path in self.directory.glob("*.*"):
            path.unlink()

    def _write(self, mail: Mail) -> None:
        (self.directory / f"{mail.id}.eml").write_bytes(mail.raw)
        envelope = {
            "sender": mail.sender,
            "recipients": mail.recipients,
            "deliveries": [moment.isoformat() for moment in mail.deliveries],
        }
        write_whole(self.directory / f"{mail.id}.json", json.dumps(envelope))

    def _read(self) -> Iterator[Mail]:
        for path in self.directory.glob("*.json"):
            envelope = json.loads(path.read_text())
            moments = tuple(datetime.fromisoformat(moment) for moment in envelope["deliveries"])
            raw = path.with_suffix(".eml").read_bytes()
            yield Mail(path.stem, raw, envelope["sender"], tuple(envelope["recipients"]), moments)

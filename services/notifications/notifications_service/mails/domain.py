"""A mail on its way, and what follows from the mail server's answer (NTF-04)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias
from uuid import UUID

from event_schemas.base import Json
from event_schemas.personal_data import class_of_field
from notifications_service.mails.kinds import Mailed

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
GIVE_UP_AFTER: Final = timedelta(days=5)
"""As mail servers do (RFC 5321, 4.5.4.1)."""
LONGEST_REASON: Final = 300
EXPIRED: Final = "expired"
"""The reason of a mail that was not sent because its code or link counts no more."""
PRIVATE: Final = "-mail"
"""How the topics end whose events are for the mailer only."""
WRITTEN: Final = ("reason",)
"""Fields in which somebody wrote to the recipient."""
_ADDRESS: Final = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class MailState(StrEnum):
    """Where a mail is."""

    WAITING = "waiting"
    """Nobody has said yet how the recipient is reached."""
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """A queued mail, before it is written."""

    id: UUID
    message_id: str
    kind: str
    contact_id: UUID
    caused_by: UUID
    correlation_id: str
    event: Mailed
    queued_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """A mail of which nothing has to be readable but whose it is."""

    id: UUID
    brand: str
    kind: str
    contact_id: UUID
    caused_by: UUID
    correlation_id: str
    event: Json


@dataclass(frozen=True, slots=True)
class Taken:
    """The server is now responsible for the mail."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not now."""

    reason: str
    server_away: bool = False
    """The trouble is not this mail's: others need not be tried at once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Never."""

    reason: str


Outcome: TypeAlias = Taken | PutOff | Refused


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mail offered to the server, and its answer."""

    mail: Mail
    language: str
    subject: str
    offered_to: str
    outcome: Outcome


def wait_after(attempts: int) -> timedelta:
    """Back-off after so many attempts (from 1): 5 s, doubled each time, at most an hour."""
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 20)))


def final(outcome: Outcome, queued_at: datetime, now: datetime) -> Outcome:
    """The outcome as it stands: what was put off for five days is refused."""
    if isinstance(outcome, PutOff) and now - queued_at >= GIVE_UP_AFTER:
        return Refused(f"given up after {GIVE_UP_AFTER.days} days: {outcome.reason}")
    return outcome


def without_address(answer: str, address: str) -> str:
    """A server's answer with every address taken out, and the local part of `address` where it stands alone."""
    said = _ADDRESS.sub("…", answer.replace("\x00", ""))
    local = re.escape(address.rpartition("@")[0])
    return re.sub(rf"(?<!\w){local}(?!\w)", "…", said, flags=re.IGNORECASE)[:LONGEST_REASON]


def kept_of(event: Mailed) -> Json:
    """What is kept of a mail's event: no secret, and nothing that staff wrote for the recipient alone."""
    bare = without_secrets(event.model_dump(mode="json"))
    if event.TOPIC.endswith(PRIVATE):
        bare |= {name: "" for name in WRITTEN if bare.get(name)}
    return bare


def without_secrets(fields: Json) -> Json:
    """An event's fields with every code, number and secret link empty, at any depth."""
    return {name: "" if class_of_field(name) == "secret" else _bare(value) for name, value in fields.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return without_secrets(value) if isinstance(value, dict) else value

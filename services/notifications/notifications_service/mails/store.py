"""The SQL of mails."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from chassis.database import Pool, Tx
from event_schemas import CATALOGUE
from event_schemas.base import Json
from notifications_service.mails.domain import EXPIRED, Attempt, Mail, MailState, Unsent, wait_after
from notifications_service.mails.kinds import Mailed, expires_at

_TAKE_DUE: Final = """
SELECT * FROM mails
WHERE state = 'queued' AND next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_TAKE_PRESSING: Final = """
SELECT * FROM mails
WHERE expires_at IS NOT NULL
  AND (state = 'queued' AND next_attempt_at <= $1 OR state = 'waiting' AND expires_at <= $1)
ORDER BY expires_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LIST: Final = """
SELECT * FROM mails
WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))
  AND ($3::uuid IS NULL OR caused_by = $3) AND ($4::uuid IS NULL OR contact_id = $4)
  AND ($5::text IS NULL OR state = $5)
ORDER BY created_at DESC, id DESC LIMIT $6
"""


_MAIL: Final = tuple(field.name for field in fields(Mail))
_UNSENT: Final = tuple(field.name for field in fields(Unsent))


async def put(tx: Tx, mail: Mail, state: MailState) -> None:
    """Enter a mail; a second one for the same event and recipient is not entered."""
    queued_at = mail.queued_at if state is MailState.QUEUED else None
    await tx.execute(
        "INSERT INTO mails (id, message_id, brand, kind, contact_id, caused_by, correlation_id, event_type, event,"
        " state, created_at, queued_at, next_attempt_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)"
        " ON CONFLICT (caused_by, contact_id) DO NOTHING",
        mail.id,
        mail.message_id,
        mail.event.brand,
        mail.kind,
        mail.contact_id,
        mail.caused_by,
        mail.correlation_id,
        mail.event.TYPE,
        mail.event.model_dump_json(),
        state,
        tx.now,
        queued_at,
        expires_at(mail.event),
    )


async def release(tx: Tx, contact_id: UUID) -> None:
    """Queue what waits for a contact."""
    await tx.execute(
        "UPDATE mails SET state = 'queued', queued_at = $2, next_attempt_at = $2"
        " WHERE contact_id = $1 AND state = 'waiting'",
        contact_id,
        tx.now,
    )


async def take_due(tx: Tx) -> asyncpg.Record | None:
    """The mail whose turn it is, locked; those that another sender has in hand are passed over.

    One that expires goes before all others, so that no long queue makes it late; it is also taken when it has expired.
    """
    return await tx.fetchrow(_TAKE_PRESSING, tx.now) or await tx.fetchrow(_TAKE_DUE, tx.now)


def mail_of(row: asyncpg.Record) -> Mail:
    """A row of `take_due` as a mail; raises KeyError or ValidationError when its event cannot be read any more."""
    event = CATALOGUE[row["event_type"]].model_validate_json(row["event"])
    return Mail(event=cast("Mailed", event), **{name: row[name] for name in _MAIL if name != "event"})


def unsent_of(row: asyncpg.Record) -> Unsent:
    """A row of `take_due` without regard to what its event says."""
    return Unsent(event=json.loads(row["event"]), **{name: row[name] for name in _UNSENT if name != "event"})


async def record(tx: Tx, attempt: Attempt, state: MailState, error: str | None, wait: timedelta | None) -> None:
    """Note an attempt; `wait` says when a queued mail is tried again, which is no later than it expires."""
    await tx.execute(
        "UPDATE mails SET state = $2, attempts = attempts + 1, last_error = $3, sent_at = $5,"
        " next_attempt_at = CASE WHEN $4::timestamptz IS NOT NULL THEN least($4, expires_at) END,"
        " language = $6, subject = $7, offered_to = $8 WHERE id = $1",
        attempt.mail.id,
        state,
        error,
        tx.now + wait if wait is not None else None,
        tx.now if state is MailState.SENT else None,
        attempt.language,
        attempt.subject,
        attempt.offered_to,
    )


async def lapse(tx: Tx, mail_id: UUID) -> None:
    """Note that a mail was not sent because it had expired."""
    await tx.execute(
        "UPDATE mails SET state = 'failed', last_error = $2, next_attempt_at = NULL WHERE id = $1", mail_id, EXPIRED
    )


async def forget(tx: Tx, mail_id: UUID, event: Json) -> None:
    """Keep only so much of a mail's event."""
    await tx.execute("UPDATE mails SET event = $2 WHERE id = $1", mail_id, json.dumps(event))


async def put_off(tx: Tx, mail_id: UUID, attempts: int, error: str) -> None:
    """Keep a mail that cannot be written, or given up, for a later attempt, with the reason."""
    await tx.execute(
        "UPDATE mails SET state = 'queued', attempts = attempts + 1, last_error = $2,"
        " queued_at = coalesce(queued_at, $4),"
        " next_attempt_at = CASE WHEN expires_at > $4 THEN least($3, expires_at) ELSE $3 END"
        " WHERE id = $1 AND state IN ('waiting', 'queued')",
        mail_id,
        error,
        tx.now + wait_after(attempts + 1),
        tx.now,
    )


async def list_mails(
    pool: Pool,
    after: tuple[datetime | None, UUID | None],
    event_id: UUID | None,
    contact_id: UUID | None,
    state: str | None,
    limit: int,
) -> Sequence[Any]:
    """One more than `limit` mails, newest first."""
    return await pool.fetch(_LIST, *after, event_id, contact_id, state, limit + 1)

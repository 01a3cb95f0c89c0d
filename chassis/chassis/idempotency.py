"""The same command twice is one command: the answer is kept in the transaction that decided it (ALL-01)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis import outbox
from chassis.codec import Message
from chassis.database import Database, Tx

KEPT_FOR: Final = timedelta(days=7)

# One round trip takes the key's lock and looks for an answer. The answer may be committed between the statement's
# snapshot and the lock; then the primary key refuses the second one at the end.
_LOOK: Final = """
SELECT pg_try_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0)) AS free, fingerprint, status, answer
FROM (SELECT 1) AS one LEFT JOIN idempotency ON caller = $1 AND key = $2
"""
_KEEP: Final = f"WITH said AS ({outbox.PUT}) INSERT INTO idempotency VALUES ($7, $8, $9, $10, $11, $12)"


@dataclass(frozen=True, slots=True)
class CommandKey:
    """Who sends a command, under which key, with which content."""

    caller: str
    key: str
    fingerprint: bytes
    """Digest of operation and body: another body under the same key is an error, not a repetition."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was answered with, the first time and every time."""

    status: int
    body: bytes
    replayed: bool = False


class InFlight(Exception):
    """The first command under this key is still being decided."""


class KeyReused(Exception):
    """The key stands for another command already."""


async def earlier_answer(tx: Tx, key: CommandKey) -> Answer | None:
    """The answer given before, None for a new key; raises InFlight or KeyReused."""
    row = await tx.fetchrow(_LOOK, key.caller, key.key)
    assert row is not None  # the query always gives one row
    if row["status"] is None:
        if not row["free"]:
            raise InFlight
        return None
    if row["fingerprint"] != key.fingerprint:
        raise KeyReused
    return Answer(row["status"], row["answer"], replayed=True)


async def keep(tx: Tx, key: CommandKey, answer: Answer, messages: list[Message]) -> None:
    """Write messages and answer in one statement, as the last one of the transaction."""
    columns = outbox.columns(messages)
    await tx.execute(_KEEP, *columns, key.caller, key.key, key.fingerprint, answer.status, answer.body, tx.now)


async def forget_old(database: Database, now: datetime) -> None:
    """Drop answers older than KEPT_FOR."""
    await database.pool.execute("DELETE FROM idempotency WHERE answered_at < $1", now - KEPT_FOR)

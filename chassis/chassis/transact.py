"""A command's one transaction: state, facts and answer commit together, or nothing does (ALL-02)."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import asyncpg
from pydantic import BaseModel

from chassis import faults, outbox
from chassis.database import Cause, Database, Tx
from chassis.idempotency import Answer, CommandKey, earlier_answer, keep
from chassis.outbox import Facts

ATTEMPTS: Final = 3
DEADLOCKS: Final = 8
"""Attempts of those who keep meeting each other: each pause may be longer than the one before."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that is done: what the caller is told, and what the world is told."""

    answer: BaseModel
    facts: Facts = None
    status: int = 201


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that is not done, and why; nothing of it stays in the database."""

    code: str
    """Key of the text in the service's problem texts, e.g. `certificate-exhausted`."""
    status: int = 409
    pointer: str = ""
    """JSON pointer to the field at fault, e.g. `/serial`."""
    value: object = None
    accepted: object = None
    """What would have been accepted."""
    details: Mapping[str, object] = field(default_factory=dict)
    """Values that the text mentions."""
    counted: bool = False
    """What the attempt wrote stays although it is refused: a try that counts. It says no facts."""


C = TypeVar("C")
Decision = Callable[[C, Tx], Awaitable[Accepted | Refusal]]


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


async def transact(
    database: Database, decide: Decision[C], command: C, key: CommandKey | None, cause: Cause
) -> Answer | Refusal:
    """Decide a command once. The same key gives the same answer; raises InFlight, KeyReused or a database error.

    Without a key nothing of the answer is kept: it is a secret.

    Deadlocks, serialization failures and a lost race for the key are tried again; a lost connection is not, because
    nobody knows whether the commit arrived: the caller repeats the command under its key.
    """
    for attempt in range(1, DEADLOCKS + 1):
        try:
            return await _once(database, decide, command, key, cause)
        except _Refused as refused:
            return refused.refusal
        except (asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError) as error:
            if attempt >= (DEADLOCKS if isinstance(error, asyncpg.DeadlockDetectedError) else ATTEMPTS):
                raise
        await asyncio.sleep(0.01 + secrets.randbelow(40 * attempt) / 1000)  # apart, or the same two meet again
    raise AssertionError("unreachable: the last attempt returns or raises")


async def attempt(decide: Decision[C], command: C, tx: Tx) -> Accepted | Refusal:
    """One decision of several in a transaction: what a refused one wrote is taken back, the others stay."""
    savepoint = tx.connection.transaction()
    await savepoint.start()
    try:
        outcome = await decide(command, tx)
    except BaseException:
        await savepoint.rollback()
        raise
    await (savepoint.rollback() if isinstance(outcome, Refusal) else savepoint.commit())
    return outcome


async def _once(
    database: Database, decide: Decision[C], command: C, key: CommandKey | None, cause: Cause
) -> Answer | Refusal:
    async with database.transaction(cause) as tx:
        if key and (earlier := await earlier_answer(tx, key)):
            return earlier
        outcome = await decide(command, tx)
        if isinstance(outcome, Refusal):
            # refused by its own first run, which committed between this one's look at the answers and its lock
            if key and (earlier := await earlier_answer(tx, key)):
                return earlier
            if outcome.counted:
                return outcome
            raise _Refused(outcome)  # leaves through the transaction, so that it rolls back
        answer = Answer(outcome.status, outcome.answer.model_dump_json().encode())
        messages = outbox.messages_of(outcome.facts, database, tx)
        await (keep(tx, key, answer, messages) if key else outbox.put(tx, messages))
        faults.reach("before-command-commit")
    faults.reach("after-command-commit")
    return answer


async def apply(database: Database, deed: Callable[[Any, Tx], Awaitable[Facts]], what: Any, cause: Cause) -> None:
    """One transaction of a service's own errand: a deed and its facts."""
    async with database.transaction(cause) as tx:
        await outbox.put(tx, outbox.messages_of(await deed(what, tx), database, tx))

"""One pool per process, and `Tx`: an open transaction together with what is true for the whole of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
import psycopg
from yoyo import get_backend, read_migrations

from chassis.clock import Clock

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
    Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
else:
    Connection, Pool = asyncpg.Connection, asyncpg.Pool

MIGRATION_LOCK: Final = 4712

_TRANSIENT = (
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.TransactionRollbackError,  # class 40: deadlock, serialization
    asyncpg.InsufficientResourcesError,  # class 53: disk full, too many connections
    asyncpg.OperatorInterventionError,  # class 57: shutdown, crash, cancelled by a timeout
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresSystemError,  # class 58: I/O
    asyncpg.IdleInTransactionSessionTimeoutError,  # this process was stopped for a while and has lost its session
    asyncpg.ReadOnlySQLTransactionError,  # a fail-over has not finished
    asyncpg.InvalidCachedStatementError,  # a migration changed a table under a prepared statement
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.InternalClientError,  # a protocol reply cut off by the server's death
    OSError,
    TimeoutError,
)
# the program's own files: waiting brings none of them back
_OWN_FILES = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


def is_transient(error: BaseException) -> bool:
    """True when the same work may succeed later, unchanged: a lost connection, a deadlock, a full disk."""
    # asyncpg says InterfaceError both for a lost connection and for wrong arguments; only the first passes.
    # A pool takes back a connection that died between two statements, hence the second wording
    closed = isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released"))
    own_file = isinstance(error, _OWN_FILES) and error.filename is not None
    return closed or (isinstance(error, _TRANSIENT) and not own_file)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a transaction answers to: the story it belongs to and the message that moved it."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Tx:
    """An open transaction. Handlers read and write through it and never end it."""

    connection: Connection
    now: datetime
    """The present for the whole transaction; aware, UTC."""
    cause: Cause

    def answering(self, cause: Cause) -> "Tx":
        """The same transaction for another message of one batch."""
        return Tx(self.connection, self.now, cause)

    async def execute(self, query: str, *args: Any) -> str:
        return await self.connection.execute(query, *args)

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        return await self.connection.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        return await self.connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await self.connection.fetchval(query, *args)

    async def executemany(self, query: str, args: Sequence[Sequence[Any]]) -> None:
        await self.connection.executemany(query, args)


@dataclass(frozen=True, slots=True)
class Database:
    """A service's own database, its clock and its name as publisher."""

    pool: Pool
    clock: Clock
    service: str
    policy_version: Callable[[str], str]
    """Version of the policy in force for a brand."""
    topic_prefix: str = ""

    @asynccontextmanager
    async def transaction(self, cause: Cause) -> AsyncIterator[Tx]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield Tx(connection, self.clock.now(), cause)


async def open_pool(url: str, size: int, application: str) -> Pool:
    """Connections with the time limits that keep one stuck statement from stopping a service."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=60,
        server_settings={
            "application_name": application,
            "statement_timeout": "30s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "30s",
            # a machine that lost its power says no goodbye; its locks are free after this, not after two hours
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": "30000",
        },
    )


def migrate(url: str, package: str) -> list[str]:
    """Bring the database up to date with the chassis' and the service's SQL files; returns the ids applied now.

    Safe to run from several places at once. The lock ends with its session, so that a killed run leaves none behind
    (the migration library's own lock is a row, which would).
    """
    backend = get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
    folders = [str(_sql_folder(name)) for name in dict.fromkeys(("chassis", package))]
    migrations = read_migrations(*folders)
    with psycopg.connect(url) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        waiting = backend.to_apply(migrations)
        backend.apply_migrations(waiting)
        return [migration.id for migration in waiting]


def _sql_folder(package: str) -> Path:
    return Path(str(resources.files(package))) / "migrations"

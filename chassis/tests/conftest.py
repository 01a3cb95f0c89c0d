"""The toy service in a room of its own, and servers that a test may stop and kill."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.support.child import Child, quiet_port
from tests.support.rooms import MORNING, DatabaseServer, Room, open_room
from tests.support.stack import embedded_kafka, embedded_postgres
from tests.support.toy import TOY

from aftercare_local.kafka import KafkaServer
from aftercare_local.postgres import PostgresServer

CHECKOUT: Final = Path(__file__).resolve().parents[2]
TABLES: Final = (
    "invoice, effect, reminder, poison, outbox, inbox, idempotency, timer, dead_letter, document, document_part"
)


@pytest.fixture(scope="module")
async def toy_room(postgres: DatabaseServer) -> AsyncIterator[Room]:
    async with open_room(TOY, postgres) as room:
        yield room


@pytest.fixture
async def room(toy_room: Room) -> Room:
    """The toy with empty tables on the morning of 22 November 2026."""
    await toy_room.database.pool.execute(f"TRUNCATE {TABLES} RESTART IDENTITY")
    toy_room.clock.set(MORNING)
    return toy_room


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that the chassis' tests may stop; the next test starts it again when it needs it."""
    with embedded_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def own_kafka() -> Iterator[KafkaServer]:
    """A broker that the chassis' tests may stop."""
    with embedded_kafka() as server:
        yield server


@pytest.fixture
async def mortal_room(own_postgres: PostgresServer) -> AsyncIterator[tuple[Room, PostgresServer]]:
    """The toy on a server that the test may stop."""
    async with open_room(TOY, own_postgres) as room:
        yield room, own_postgres
        if own_postgres.process is None:
            await asyncio.to_thread(own_postgres.start)


ToyProcess = Callable[..., Child]


@pytest.fixture
async def toy_process(tmp_path: Path) -> AsyncIterator[ToyProcess]:
    """Makes processes `python -m tests.support.toy <command>`; whatever still runs at the end is killed."""
    made: list[Child] = []

    def make(room: Room, bootstrap: str, command: str, **more: str) -> Child:
        port = quiet_port()
        told = {"DATABASE_URL": room.url, "KAFKA": bootstrap, "HTTP_PORT": str(port), "ENVIRONMENT": "test"}
        told |= {"DATA_DIR": str(tmp_path / "data"), **more}
        path = os.pathsep.join([str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {"PYTHONPATH": path, **{f"AFTERCARE_{name}": value for name, value in told.items()}}
        arguments = (sys.executable, "-m", "tests.support.toy", command)
        made.append(Child(command, arguments, environment, port, tmp_path / f"{command}-{port}.log"))
        return made[-1]

    yield make
    for child in made:
        await child.end(signal.SIGKILL)

"""Real servers for the tests, started once a run; a test module has databases and topics of its own.

`AFTERCARE_TEST_STACK=embedded` (the default) starts them from Python packages, `containers` from official images.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

import pytest
from tests.support.containers import kafka_container, postgres_container

from aftercare_local.databases import drop_database
from aftercare_local.kafka import KafkaServer, Partners
from aftercare_local.ports import free_port
from aftercare_local.postgres import PostgresServer
from aftercare_local.settings import CHECKOUT
from event_schemas.topics import load_topics, partners_of

STACKS: Final = ("embedded", "containers")
CLASS_CACHE: Final = CHECKOUT / ".aftercare" / "cache"
NUMBERS: Final = count(1)
PASSWORDS: Final = {partner: f"password of {partner}" for partner in partners_of(load_topics())}
"""Of the outside systems that the contract names, at the broker's door for them."""
DatabaseFactory = Callable[[str], str]


class PostgresStack(Protocol):
    """A running PostgreSQL: `server` is the superuser's address."""

    @property
    def server(self) -> str: ...

    def ensure_database(self, name: str, password: str) -> str:
        """Make a role with a database of the same name; returns its address."""
        ...


class KafkaStack(Protocol):
    """A running broker."""

    @property
    def bootstrap(self) -> str: ...

    @property
    def partners(self) -> str: ...


def chosen_stack() -> str:
    """embedded or containers, as AFTERCARE_TEST_STACK says."""
    chosen = os.environ.get("AFTERCARE_TEST_STACK", "embedded")
    if chosen not in STACKS:
        raise pytest.UsageError(f"AFTERCARE_TEST_STACK={chosen!r} is not known; accepted are {' and '.join(STACKS)}")
    return chosen


@contextmanager
def public_directory() -> Iterator[Path]:
    """A temporary directory that PostgreSQL's unprivileged user can walk into, which pytest's own is not for root."""
    with TemporaryDirectory(prefix="aftercare-tests-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def embedded_postgres() -> Iterator[PostgresServer]:
    with public_directory() as directory:
        server = PostgresServer(directory / "postgres", free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop_immediately()


@contextmanager
def embedded_kafka() -> Iterator[KafkaServer]:
    with public_directory() as directory:
        server = KafkaServer(
            directory / "kafka", free_port(), free_port(), CLASS_CACHE, Partners(free_port(), PASSWORDS)
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresStack]:
    """One PostgreSQL server for the whole run."""
    with embedded_postgres() if chosen_stack() == "embedded" else postgres_container() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaStack]:
    """One Kafka broker for the whole run."""
    with embedded_kafka() if chosen_stack() == "embedded" else kafka_container(PASSWORDS) as server:
        yield server


@pytest.fixture(scope="module")
def database(postgres: PostgresStack) -> Iterator[DatabaseFactory]:
    """Call it with a service's name for an empty database of this test module; the answer is its address."""
    made: dict[str, str] = {}
    suffix = next(NUMBERS)

    def make(service: str) -> str:
        if service not in made:
            made[service] = postgres.ensure_database(f"{service}_{suffix}", f"password of {service}")
        return made[service]

    yield make
    for service in made:
        drop_database(postgres.server, f"{service}_{suffix}")


@pytest.fixture(scope="module")
def topic_prefix() -> str:
    """What this test module puts before its topics and consumer groups, e.g. t3-."""
    return f"t{next(NUMBERS)}-"

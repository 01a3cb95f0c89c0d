"""Servers that the fault tests may kill."""

from collections.abc import Iterator

import pytest
from tests.faults.arena import servers
from tests.support.stack import KafkaStack, PostgresStack


@pytest.fixture(scope="session")
def own_servers() -> Iterator[tuple[PostgresStack, KafkaStack]]:
    """A database server and a broker that no other test uses."""
    with servers() as both:
        yield both

"""A stack of its own for journeys that take years: outside programs of the other one keep to the time of day."""

from collections.abc import AsyncIterator

import pytest
from tests.support.policies import FILES
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import Stack, running

from aftercare_local.demo.watch import Watch
from event_schemas.topics import load_topics


@pytest.fixture(scope="package")
async def stack(postgres: PostgresStack, kafka: KafkaStack) -> AsyncIterator[Stack]:
    async with running(postgres, kafka, variables={"AFTERCARE_POLICIES": str(FILES)}) as services:
        yield services


@pytest.fixture(scope="package")
async def watch(stack: Stack) -> AsyncIterator[Watch]:
    """Everything that is said on the stack's topics."""
    async with Watch(stack.bootstrap, [stack.topic(topic.topic) for topic in load_topics()]) as events:
        yield events

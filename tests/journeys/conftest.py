"""One stack of all services for every journey, with a sixth brand from files, and the outside programs beside it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.policies import FILES
from tests.support.stack import PASSWORDS, KafkaStack, PostgresStack
from tests.support.stack_of_services import Stack, running

from aftercare_local.demo.stage import PROGRAMS
from aftercare_local.demo.watch import Watch
from event_schemas.topics import load_topics


@asynccontextmanager
async def program(user: str, stack: Stack) -> AsyncIterator[asyncio.subprocess.Process]:
    """An outside program that knows the stack by its topics alone."""
    arguments = (sys.executable, "-m", f"aftercare_local.outside.{PROGRAMS[user]}", stack.kafka.partners, stack.prefix)
    told = {**os.environ, "AFTERCARE_PARTNER_PASSWORD": PASSWORDS[user]}
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=told)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.fixture(scope="package")
async def stack(postgres: PostgresStack, kafka: KafkaStack) -> AsyncIterator[Stack]:
    more = {"AFTERCARE_POLICIES": str(FILES)}
    async with running(postgres, kafka, variables=more) as services, program("repair-centres", services):
        yield services


@pytest.fixture(scope="package")
async def watch(stack: Stack) -> AsyncIterator[Watch]:
    """Everything that is said on the stack's topics."""
    async with Watch(stack.bootstrap, [stack.topic(topic.topic) for topic in load_topics()]) as events:
        yield events


@pytest.fixture(scope="package")
async def logistics(stack: Stack) -> AsyncIterator[asyncio.subprocess.Process]:
    async with program("logistics", stack) as process:
        yield process

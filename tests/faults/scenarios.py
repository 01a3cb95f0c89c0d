"""What is done to a running stack; each scenario drives work through it at the same time and ends healed."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from tests.faults.checker import Report, judge, observe
from tests.faults.driver import Driver
from tests.support.settling import settled
from tests.support.stack_of_services import Stack

from aftercare_local.kafka import KafkaServer
from aftercare_local.postgres import PostgresServer
from event_schemas.topics import load_topics

PART_OF: Final[Mapping[str, str]] = {
    "before-command-commit": "api",
    "after-command-commit": "api",
    "before-event-commit": "worker",
    "after-event-commit": "worker",
    "before-timer-commit": "relay",
    "after-timer-commit": "relay",
    "before-send": "relay",
    "after-send": "relay",
    "after-delete": "relay",
}
"""Every named point at which a process can be made to kill itself, and the part that passes it."""

Fate = tuple[str, str]
"""A service and the point at which it is to die."""

SET_UP: Final = timedelta(days=2, hours=1, minutes=1)
"""Two days of the calendar, also of the one on which the clocks go back."""
REST_SECONDS: Final = 60.0
FATE_SECONDS: Final = 120.0
WARM_SECONDS: Final = 0.5
DOWN_SECONDS: Final = 1.0
HELD: Final = 4712

HOLD_BACK: Final = f"""
CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF position('HELD-BACK' IN convert_from(NEW.payload, 'UTF8')) > 0 THEN PERFORM pg_advisory_xact_lock({HELD}); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER hold_back AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold_back();
"""
"""Lets a transaction wait between its insert and its commit, for as long as somebody else has the lock."""


async def verdict(driver: Driver, seconds: float = REST_SECONDS) -> Report:
    """Wait until the stack is at rest, then count; what is left undone shows in the counts."""
    stack = driver.stack
    await settled(stack, seconds)
    databases = {service: stack.database_url(service) for service in stack.services}
    return judge(await observe(driver.history.file, stack.bootstrap, stack.prefix, databases))


async def set_up_is_over(driver: Driver) -> None:
    """Two days later: every activation becomes operational."""
    await driver.move_clock(SET_UP)


async def fates_met(driver: Driver, seconds: float = FATE_SECONDS) -> None:
    """Work until every process has reached each fault point that it is armed with."""
    stack, deadline = driver.stack, time.monotonic() + seconds
    while stack.doomed:
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s of work, {', '.join(stack.doomed)} still live")
        await driver.journeys(2)
        await settled(stack, 2)
        await set_up_is_over(driver)
    await stack.ready()


async def killed_at(driver: Driver, fates: Iterable[Fate]) -> None:
    """Each named service kills itself at its point while work goes on; all at once."""
    stack = driver.stack
    armed = [(service, stack.part(service, PART_OF[point]), point) for service, point in fates]
    await asyncio.gather(*(stack.start(service, part, kill_at=point) for service, part, point in armed))
    await fates_met(driver)


async def killed_at_random(driver: Driver, places: Iterable[tuple[str, str]], journeys: int) -> None:
    """kill -9 from outside while work goes on, at no point in particular."""
    working = asyncio.create_task(driver.journeys(journeys))
    for service, part in places:
        await driver.stack.kill(service, driver.stack.part(service, part))
        await driver.stack.start(service, driver.stack.part(service, part), wait=False)
    await working
    await driver.stack.ready()


async def servers_killed(driver: Driver, journeys: int, *, broker: bool = True, database: bool = True) -> None:
    """kill -9 of the broker, an immediate stop of PostgreSQL, or both while work goes on; then they come back."""
    postgres, kafka = driver.stack.postgres, driver.stack.kafka
    assert isinstance(kafka, KafkaServer), "only a broker of our own can be killed"
    assert isinstance(postgres, PostgresServer), "only a server of our own can be stopped"
    working = asyncio.create_task(driver.journeys(journeys))
    await asyncio.sleep(WARM_SECONDS)
    if broker:
        await asyncio.to_thread(kafka.kill)
    if database:
        await asyncio.to_thread(postgres.stop_immediately)
    await asyncio.sleep(DOWN_SECONDS)
    if database:
        await asyncio.to_thread(postgres.start)
    if broker:
        await asyncio.to_thread(kafka.start)
    await working
    await driver.stack.ready()


async def redelivered(driver: Driver, services: Iterable[str]) -> None:
    """Whole topics come again: the group's offsets go back to 0 while its worker is stopped."""
    stack = driver.stack
    await settled(stack)

    async def one(service: str) -> None:
        part = stack.part(service, "worker")
        await stack.stop(service, part)
        await rewind(stack, service)
        await stack.start(service, part)

    await asyncio.gather(*map(one, services))


async def rewind(stack: Stack, service: str) -> None:
    """Set a service's consumer group to the beginning of everything it hears; the group must have no member."""
    heard = [one for one in load_topics() if service in one.subscribers]
    parts = [TopicPartition(stack.topic(one.topic), part) for one in heard for part in range(one.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.bootstrap, group_id=stack.group(service), enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign(parts)
        await consumer.commit(dict.fromkeys(parts, 0))
    finally:
        await consumer.stop()


async def committed_late(driver: Driver) -> None:
    """A transaction takes an early outbox id and commits after later ones have been sent."""
    stack = driver.stack
    connection = await asyncpg.connect(stack.database_url("registration"))
    try:
        await connection.execute(HOLD_BACK)
        await connection.execute("SELECT pg_advisory_lock($1)", HELD)
        late = asyncio.create_task(driver.order(1, case_number=f"HELD-BACK-{uuid4().hex[:8]}"))
        async with asyncio.timeout(8):  # the services give up waiting for a lock after 10 s
            await _somebody_waits(connection)
            for _ in range(3):
                order = await driver.order(1)
                await driver.mailbox.number(order["certificate_id"])  # its events are on their topics
        await connection.execute("SELECT pg_advisory_unlock($1)", HELD)
        await late
        await connection.execute("DROP TRIGGER hold_back ON outbox; DROP FUNCTION hold_back")
    finally:
        await connection.close()


async def _somebody_waits(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
    while True:
        if await connection.fetchval(waiting, HELD):
            return
        await asyncio.sleep(0.02)


async def clock_jumped(driver: Driver, journeys: int) -> None:
    """Forward to just before a timer, back again, over it, and back once more."""
    await driver.journeys(journeys)
    await settled(driver.stack)
    for jump in (
        timedelta(days=1, hours=23),
        timedelta(days=-3),
        timedelta(days=3),
        timedelta(hours=2),
        -SET_UP,
        SET_UP,
    ):
        await driver.move_clock(jump)
        await settled(driver.stack)


async def clock_behind(driver: Driver, journeys: int) -> None:
    """The services' clock is three days behind the machine's, for which what is due in two days was due yesterday."""
    await driver.move_clock(timedelta(days=-3))
    await driver.journeys(journeys)

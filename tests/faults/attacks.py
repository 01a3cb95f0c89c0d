"""What brings each deliberate breakage to light, and leaves sound plumbing without a scratch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
from tests.faults.arena import arena
from tests.faults.breakages import BREAKAGES, Breakage, broken
from tests.faults.checker import Report
from tests.faults.driver import Driver
from tests.faults.scenarios import clock_behind, committed_late, killed_at, redelivered, verdict
from tests.support.stack import KafkaStack, PostgresStack

AT_ONCE: Final = 4
REST_SECONDS: Final = 6.0
"""Broken plumbing may never come to rest."""


async def kill_before_answer(driver: Driver) -> None:
    await killed_at(driver, [("registration", "before-command-commit")])


async def deliver_again(driver: Driver) -> None:
    await driver.journeys(2)
    await redelivered(driver, ["activation"])


async def kill_before_effect(driver: Driver) -> None:
    await killed_at(driver, [("activation", "before-event-commit")])


async def turn_back_clock(driver: Driver) -> None:
    await clock_behind(driver, 2)


ATTACKS: Final[Mapping[str, Callable[[Driver], Awaitable[None]]]] = {
    "publish before commit": kill_before_answer,
    "no inbox key": deliver_again,
    "ack before commit": kill_before_effect,
    "relay cursor by id": committed_late,
    "timer by wall clock": turn_back_clock,
}


async def attack_broken(name: str, postgres: PostgresStack, kafka: KafkaStack) -> Report:
    """What the checker says of broken plumbing after its attack."""
    breakage: Breakage = BREAKAGES[name]
    with broken(breakage) as variables:
        services = breakage.services
        async with arena(postgres, kafka, services=services, runner="plain", variables=variables) as driver:
            await _change_schema(driver, breakage.schema)
            await ATTACKS[name](driver)
            return await verdict(driver, REST_SECONDS)


async def _change_schema(driver: Driver, change: str) -> None:
    for service in driver.stack.services if change else ():
        connection = await asyncpg.connect(driver.stack.database_url(service))
        try:
            await connection.execute(change)
        finally:
            await connection.close()


async def attack_sound(postgres: PostgresStack, kafka: KafkaStack) -> Report:
    """What the checker says of sound plumbing after all attacks, one after the other."""
    async with arena(postgres, kafka, services=("registration", "activation"), runner="plain") as driver:
        for attack in ATTACKS.values():
            await attack(driver)
        return await verdict(driver)


async def attack_all(postgres: PostgresStack, kafka: KafkaStack) -> dict[str, Report]:
    """Every breakage, and sound plumbing under the name `sound`; a few stacks at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> tuple[str, Report]:
        async with places:
            if name == "sound":
                return name, await attack_sound(postgres, kafka)
            return name, await attack_broken(name, postgres, kafka)

    return dict(await asyncio.gather(*map(one, ("sound", *BREAKAGES))))

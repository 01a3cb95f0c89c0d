"""Nothing is lost, doubled, invented, reordered or early, whatever dies (ALL-02).

One running system takes every fault in turn; after each an independent checker looks at every topic and database.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Final

import pytest
from tests.faults.arena import arena
from tests.faults.checker import Report
from tests.faults.driver import Driver
from tests.faults.poisons import poisoned
from tests.faults.scenarios import PART_OF, clock_jumped, fates_met, redelivered, servers_killed, verdict
from tests.support.stack import KafkaStack, PostgresStack

from chassis.faults import POINTS

FATES: Final = (
    ("registration", "before-command-commit"),
    ("registration", "after-command-commit"),
    ("tickets", "before-command-commit"),
    ("credits", "after-command-commit"),
    ("activation", "before-event-commit"),
    ("activation", "after-event-commit"),
    ("tickets", "after-event-commit"),
    ("notifications", "before-event-commit"),
    ("registration", "before-send"),
    ("registration", "after-delete"),
    ("notifications", "after-send"),
    ("activation", "before-timer-commit"),
    ("activation", "after-timer-commit"),
)

pytestmark = pytest.mark.requirement("ALL-02")


@pytest.fixture(scope="module")
async def driver(own_servers: tuple[PostgresStack, KafkaStack]) -> AsyncIterator[Driver]:
    """The whole system; what is killed part by part has its parts in processes of their own."""
    async with arena(*own_servers, split=("registration", "activation"), fates=FATES) as driver:
        yield driver


def assert_clean(report: Report) -> None:
    print(report)
    assert report.clean, f"\n{report}"


@pytest.mark.requirement("REG-09")
async def test_processes_killed_at_every_named_point_lose_and_double_nothing(driver: Driver) -> None:
    await driver.journeys(6)
    await fates_met(driver)
    report = await verdict(driver)
    assert_clean(report)
    deaths = [code for child in driver.stack.children.values() for code in child.deaths]
    assert deaths.count(-9) == len(FATES), f"exit codes {deaths}"
    assert report.looked_at["resent"] > 0, "a relay that dies before it deletes sends again"
    assert report.looked_at["refused"] >= 8, "no certificate was exhausted, no order came twice"


async def test_a_killed_broker_and_a_stopped_database_cost_only_time(driver: Driver) -> None:
    await servers_killed(driver, 5)
    assert_clean(await verdict(driver))


async def test_whole_topics_delivered_again_change_nothing(driver: Driver) -> None:
    before = await verdict(driver)
    await redelivered(driver, ("activation", "tickets", "notifications"))
    after = await verdict(driver)
    assert_clean(after)
    assert after.looked_at["inbox rows"] == before.looked_at["inbox rows"]
    assert after.looked_at["events"] == before.looked_at["events"], "something was said again"


async def test_poison_is_set_aside_once_and_its_neighbours_go_on(driver: Driver) -> None:
    await asyncio.gather(poisoned(driver), driver.journeys(4))
    report = await verdict(driver)
    assert_clean(report)
    assert report.looked_at["dead letters"] == report.looked_at["poison"] + 3, "one waits behind, one is heard by three"


@pytest.mark.requirement("ACT-07")
async def test_timers_go_off_once_and_never_early_however_the_clock_jumps(driver: Driver) -> None:
    await clock_jumped(driver, 3)
    assert_clean(await verdict(driver))


def test_every_named_point_is_killed_at() -> None:
    assert set(PART_OF) == set(POINTS)
    assert {point for _, point in FATES} == set(POINTS)


async def test_the_checker_is_a_program_that_counts_the_same(driver: Driver) -> None:
    databases = [f"{name}={driver.stack.database_url(name)}" for name in driver.stack.services]
    arguments = [
        "--history",
        str(driver.history.file),
        "--kafka",
        driver.stack.bootstrap,
        "--prefix",
        driver.stack.prefix,
    ]
    command = [sys.executable, "-m", "tests.faults.checker", *arguments]
    for database in databases:
        command += ["--database", database]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "     0  doubled" in done.stdout.split("\n")

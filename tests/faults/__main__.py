"""The long form: every fault on the whole system, with both runners, as often as asked; then the five breakages.

    python -m tests.faults --rounds 3

The checker looks after each fault. Ends with 1 when anything was lost, doubled, invented, reordered or early.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from rich.console import Console
from rich.table import Table
from tests.faults.arena import arena, servers
from tests.faults.attacks import attack_all
from tests.faults.breakages import BREAKAGES
from tests.faults.bulk import is_whole, killed_at_rows
from tests.faults.checker import Report
from tests.faults.driver import Driver
from tests.faults.poisons import poisoned
from tests.faults.scenarios import (
    PART_OF,
    clock_jumped,
    committed_late,
    killed_at,
    killed_at_random,
    redelivered,
    servers_killed,
    set_up_is_over,
    verdict,
)
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import PARTS, SERVICES, running

RUNNERS: Final = ("faust", "plain")
COMMANDED: Final = ("registration", "tickets", "credits")
REACHED: Final = {
    "api": COMMANDED,
    "worker": SERVICES,
    "before-timer-commit": ("activation",),
    "after-timer-commit": ("activation",),
    "relay": SERVICES,
}
"""Which services pass a point, by its name or by its part."""

BULK: Final = "kill -9 at twenty rows of a bulk file"
BULK_ROWS: Final = 6000
BULK_KILLS: Final = 20

Scenario = Callable[[Driver], Awaitable[None]]


@dataclass(frozen=True)
class Row:
    """One fault and what the checker said after it."""

    name: str
    seconds: float
    deaths: int
    report: Report


async def quiet(driver: Driver) -> None:
    await driver.journeys(10)
    await set_up_is_over(driver)


async def poisoned_at_work(driver: Driver) -> None:
    await asyncio.gather(poisoned(driver), driver.journeys(4))


def scenarios() -> dict[str, Scenario]:
    """Every fault by name, in the order in which they are done to one system."""
    everywhere = [(service, part) for service in SERVICES for part in PARTS]
    kills = {f"kill -9 {point}": killing(point) for point in PART_OF}
    return {
        "no fault": quiet,
        **kills,
        "kill -9 of all, at no point in particular": lambda driver: killed_at_random(driver, everywhere, 10),
        "kill -9 of the broker": lambda driver: servers_killed(driver, 8, database=False),
        "immediate stop of PostgreSQL": lambda driver: servers_killed(driver, 8, broker=False),
        "both servers at once": lambda driver: servers_killed(driver, 8),
        "redelivery of whole topics": lambda driver: redelivered(driver, SERVICES),
        "a late commit": committed_late,
        "poison and raising handlers": poisoned_at_work,
        "jumps of the clock": lambda driver: clock_jumped(driver, 4),
    }


def killing(point: str) -> Scenario:
    """Every service that passes the point dies there once."""
    reached = REACHED.get(point) or REACHED[PART_OF[point]]
    return partial(killed_at, fates=[(service, point) for service in reached])


async def round_of(runner: str, only: str, servers: tuple[PostgresStack, KafkaStack], console: Console) -> list[Row]:
    """Every fault once, on one new system."""
    rows = []
    async with arena(*servers, split=True, runner=runner) as driver:
        for name, scenario in scenarios().items():
            if only not in name:
                continue
            before, began = deaths_of(driver), time.monotonic()
            await scenario(driver)
            report = await verdict(driver)
            rows.append(Row(f"{name} · {runner}", time.monotonic() - began, deaths_of(driver) - before, report))
            console.print(f"{'ok' if report.clean else 'BAD':4}{rows[-1].seconds:6.1f} s  {name}", highlight=False)
            if not report.clean:
                console.print(str(report), highlight=False)
    return rows


def deaths_of(driver: Driver) -> int:
    """How many processes ended without being told to, so far."""
    return sum(len(child.deaths) for child in driver.stack.children.values())


def table_of(rows: Sequence[Row]) -> Table:
    """One line a fault; every count is that of the whole system so far."""
    table = Table("fault", "times", "s each", "deaths", "commands", "events", "resent", "violations", title="Faults")
    for name in dict.fromkeys(row.name for row in rows):
        same = [row for row in rows if row.name == name]
        told = [row.report.looked_at for row in same]
        counts = (max(one[what] for one in told) for what in ("commands accepted", "events", "resent"))
        wrong = sum(len(found) for row in same for found in row.report.violations.values())
        spent = sum(row.seconds for row in same) / len(same)
        table.add_row(
            name, str(len(same)), f"{spent:.1f}", str(sum(row.deaths for row in same)), *map(str, counts), str(wrong)
        )
    return table


def breakages_table(reports: dict[str, Report]) -> Table:
    """Each deliberate mistake and whether it was seen."""
    table = Table("plumbing", "promise", "counted", title="Deliberate breakages")
    for name, breakage in BREAKAGES.items():
        table.add_row(name, breakage.promise, str(reports[name].count(breakage.promise)))
    table.add_row("sound", "all", str(sum(map(len, reports["sound"].violations.values()))))
    return table


async def bulk_file(servers: tuple[PostgresStack, KafkaStack], console: Console) -> bool:
    """One file, killed at twenty rows; True when each row was registered exactly once."""
    async with running(*servers, services=("registration",), split=True) as stack:
        verdict = await killed_at_rows(stack, BULK_ROWS, BULK_KILLS)
    good = is_whole(verdict, BULK_ROWS)
    told = f"{BULK}, after {', '.join(map(str, verdict.deaths))} of {BULK_ROWS}: {dict(verdict.results)}"
    console.print(f"{'ok' if good else 'BAD':4}{told}", highlight=False)
    return good


async def run(rounds: int, runners: Sequence[str], only: str, breakages: bool, console: Console) -> bool:
    """All of it; True when nothing was wrong and every breakage was seen."""
    rows: list[Row] = []
    good = True
    with servers() as both:
        for number in range(rounds):
            for runner in runners:
                console.rule(f"round {number + 1} of {rounds}, {runner}")
                rows += await round_of(runner, only, both, console)
        good = all(row.report.clean for row in rows)
        if only in BULK:
            good &= await bulk_file(both, console)
        if breakages:
            console.rule("deliberate breakages")
            reports = await attack_all(*both)
            console.print(breakages_table(reports))
            good &= reports["sound"].clean
            good &= all(reports[name].count(one.promise) > 0 for name, one in BREAKAGES.items())
    console.print(table_of(rows))
    return good


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Kill, stop and replay; then count.")
    parser.add_argument("--rounds", type=int, default=1, help="how often every fault is done with each runner")
    parser.add_argument("--runner", choices=RUNNERS, help="only this one")
    parser.add_argument("--only", default="", help="only faults with this in their name")
    parser.add_argument("--no-breakages", action="store_true", help="leave the deliberate breakages out")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is down on purpose is no news
    runners = (asked.runner,) if asked.runner else RUNNERS
    good = asyncio.run(run(asked.rounds, runners, asked.only, not asked.no_breakages, Console(width=140)))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

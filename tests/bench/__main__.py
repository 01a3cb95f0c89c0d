"""`make bench`: measure everything, print the table, write docs/benchmarks.md.

`python -m tests.bench --rounds 5 --only worker,relay` measures more often, or less.
"""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import uvloop
from rich.console import Console
from rich.table import Table
from tests.bench import commands, dossiers, journeys, relay, timers, worker
from tests.bench.rows import PAGE, Row, page, shown
from tests.support.stack import KafkaStack, PostgresStack, embedded_kafka, embedded_postgres

Measure = Callable[[PostgresStack, KafkaStack, int], Awaitable[Sequence[Row]]]
MEASURES: Final[dict[str, Measure]] = {
    "commands": commands.measure,
    "relay": relay.measure,
    "worker": worker.measure,
    "journeys": journeys.measure,
    "dossiers": dossiers.measure,
    "timers": timers.measure,
}
console: Final = Console()


async def measure(names: Sequence[str], rounds: int) -> list[Row]:
    """The rows of the named measurements, on servers that run for this alone."""
    rows: list[Row] = []
    with embedded_postgres() as postgres, embedded_kafka() as kafka:
        for name in names:
            with console.status(f"measuring {name}"):
                rows += await MEASURES[name](postgres, kafka, rounds)
    return rows


def show(rows: Sequence[Row]) -> None:
    table = Table("measured", "ours", "bare", "ratio", "aim")
    for row in rows:
        table.add_row(row.what, row.ours, row.bare, shown(row.ratio), row.aim)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the median counts (default 3)")
    parser.add_argument("--only", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    asked = parser.parse_args()
    names = asked.only.split(",")
    if unknown := [name for name in names if name not in MEASURES]:
        parser.error(f"--only: {unknown[0]!r} is unknown; accepted: {', '.join(MEASURES)}")
    rows = uvloop.run(measure(names, asked.rounds))
    show(rows)
    if names == list(MEASURES):
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(rows), encoding="utf-8")
        console.print(f"written to {PAGE.relative_to(PAGE.parents[1])}")


if __name__ == "__main__":
    main()

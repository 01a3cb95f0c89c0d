"""Bulk files: rows per second, whether a long one costs more per row than a short one, and the memory that it takes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from typing import Any, Final

import psutil
from tests.bench.rows import Row, median
from tests.support.bulk_files import HEADER, certificate, finished, lines, send
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import Stack, running

SHORT: Final = 1_000
LONG: Final = int(os.environ.get("AFTERCARE_BENCH_ROWS", "100000"))
"""As many as a file may have, unless a hurried person says fewer."""
LONGEST_SECONDS: Final = 1200.0
SAMPLE_SECONDS: Final = 0.2
_serials: Final = count(0, 200_000)


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Short files and one long one through the relay's process of a running service, facts to Kafka included."""
    async with running(postgres, kafka, services=("registration",), split=True) as stack:
        process = psutil.Process(stack.child("registration", "relay").pid)
        idle = process.memory_info().rss
        await worked(stack, SHORT)  # the first file finds cold caches and plans
        short = [await worked(stack, SHORT) for _ in range(rounds)]
        async with highest(process) as memory:
            long = await worked(stack, LONG)
        short += [await worked(stack, SHORT) for _ in range(rounds)]  # on both sides, as the machine's pace changes
    growth = long[1] / median([one[1] for one in short])
    return [
        Row(
            f"bulk file of {LONG:,} rows, from sending to its last outcome",
            f"{LONG / long[0]:,.0f} rows/s",
            aim="≥ 500",
        ),
        Row(f"cost of a row, {LONG:,} rows against {SHORT:,}", f"{long[1]:.2f} ms", ratio=growth, aim="≤ 1.20"),
        Row("memory above idle while it is worked off", f"{(memory[0] - idle) / 2**20:.0f} MiB", aim="≤ 150 MiB"),
    ]


async def worked(stack: Stack, rows: int) -> tuple[float, float]:
    """Seconds from the sending of a file to its last outcome, and milliseconds per row once it is read."""
    number = await certificate(stack, rows)
    content = (HEADER + "".join(lines(number, next(_serials), rows))).encode()
    told = await finished(stack, await send(stack, content), LONGEST_SECONDS)
    assert told["outcomes"]["registered"] == rows, told
    return span(told, "received_at"), span(told, "started_at") * 1000 / rows


def span(told: dict[str, Any], since: str) -> float:
    """Seconds from a moment of a dossier to its end."""
    return (datetime.fromisoformat(told["completed_at"]) - datetime.fromisoformat(told[since])).total_seconds()


@asynccontextmanager
async def highest(process: psutil.Process) -> AsyncIterator[list[int]]:
    """The most resident memory that a process has while the block runs, in bytes."""
    seen = [process.memory_info().rss]

    async def look() -> None:
        while True:
            seen[0] = max(seen[0], process.memory_info().rss)
            await asyncio.sleep(SAMPLE_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()

"""Timers in millions: what arming and firing cost beside many that wait; a million that are due at once."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import asyncpg
from tests.bench.rows import Row, median
from tests.bench.servers import Place, place
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import Stack, running

from chassis import timers
from chassis.database import Cause, Tx
from chassis.routes import Due, at
from chassis.timers import TimerLoop

FEW: Final = 10_000
MANY: Final = int(os.environ.get("AFTERCARE_BENCH_TIMERS", "2000000"))
"""As many as may wait, unless a hurried person says fewer; half of them are due at once."""
AT_ONCE: Final = MANY // 2
HANDFUL: Final = 2_000
PACE_SECONDS: Final = 0.05
LONGEST_SECONDS: Final = 1800.0
WAITING: Final = """
INSERT INTO timer (kind, subject, due_at, not_before, payload, correlation_id)
SELECT 'waiting', md5(n::text), m, m, '{}', 'bench'
FROM generate_series(1, $1::int) AS n, LATERAL (SELECT $2::timestamptz + n * interval '80 milliseconds') AS at (m)
"""
SERVICES_TO_SET_UP: Final = """
WITH made AS (
  INSERT INTO activations (activation_id, redemption_id, brand, product_id, serial, service_reference, service_name,
    response_level, customer_id, state, activated_at, operational_at, starts_on, ends_on)
  SELECT gen_random_uuid(), gen_random_uuid(), 'dynabook', gen_random_uuid(), 'B' || n, 'PPCP013FR-VGAD', 'Pack',
    'on-site', gen_random_uuid(), 'in_setup', $2::timestamptz - interval '2 days', m, '2026-01-01', '2099-12-31'
  FROM generate_series(1, $1::int) AS n,
    LATERAL (SELECT $2::timestamptz + n * interval '1 minute' / $1::int) AS at (m)
  RETURNING activation_id, operational_at
)
INSERT INTO timer (kind, subject, due_at, not_before, payload, correlation_id)
SELECT 'setup-over', activation_id::text, operational_at, operational_at, '{}', 'bench' FROM made
"""
SITE: Final = {"brand": "dynabook", "name": "Bench", "customer_id": str(uuid4())}


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """A few beside many first, in two databases of one server; then a minute in which half of the many are due."""
    return [*await beside(postgres, kafka, rounds), *await flood(postgres, kafka)]


async def beside(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Arming and firing a handful, interleaved: in a table of 10,000 and in one of 2,000,000."""
    async with place(postgres, kafka) as small, place(postgres, kafka) as large:
        for here, waiting in ((small, FEW), (large, MANY)):
            await fill(here, waiting)
        costs: dict[str, list[tuple[float, float]]] = {"arm": [], "fire": []}
        for number in range(rounds + 1):
            arm = [await armed(here, number) for here in (small, large)]
            fire = [await fired(here) for here in (small, large)]
            if number:  # the first round finds cold caches
                costs["arm"].append((arm[0], arm[1]))
                costs["fire"].append((fire[0], fire[1]))
    title = f"beside {MANY:,} timers that wait, against {FEW:,}"
    return [row(f"arming {title}", costs["arm"]), row(f"firing {title}", costs["fire"])]


def row(what: str, costs: list[tuple[float, float]]) -> Row:
    few, many = ([cost[side] * 1e6 / HANDFUL for cost in costs] for side in (0, 1))
    growth = median([much / little for little, much in zip(few, many, strict=True)])
    return Row(what, f"{median(many):,.0f} µs", f"{median(few):,.0f} µs", growth, "≤ 1.50")


async def fill(here: Place, waiting: int) -> None:
    """Timers that wait for tomorrow and later."""
    await here.database.pool.execute(WAITING, waiting, datetime.now(UTC) + timedelta(days=1), timeout=300)
    await here.database.pool.execute("ANALYZE timer", timeout=300)


async def armed(here: Place, number: int) -> float:
    """Seconds to arm a handful that is due, in transactions of ten as a worker makes them."""
    due, started = datetime.now(UTC) - timedelta(seconds=1), time.perf_counter()
    for first in range(0, HANDFUL, 10):
        async with here.database.transaction(Cause("bench")) as tx:
            for one in range(first, first + 10):
                await timers.arm(tx, "due", f"{number}-{one}", due)
    return time.perf_counter() - started


async def fired(here: Place) -> float:
    """Seconds until all that is due has gone off, each with a statement of its own."""

    async def note(due: Due, tx: Tx) -> None:
        await tx.execute("INSERT INTO seen VALUES ($1, $2)", uuid4(), due.subject)

    loop, left, started = TimerLoop(here.database, (at("due", note),)), HANDFUL, time.perf_counter()
    while left:
        done = await loop.fire()
        assert done, f"{left} timers are due and do not go off"
        left -= done
    return time.perf_counter() - started


async def flood(postgres: PostgresStack, kafka: KafkaStack) -> list[Row]:
    """Set-ups that are over within one minute: how fast the first and the last go off, and what commands feel."""
    async with running(postgres, kafka, services=("activation",), split=True) as stack, asking(stack) as waits:
        await asyncio.sleep(15)
        calm = list(waits)
        connection = await asyncpg.connect(stack.database_url("activation"), timeout=10)
        try:
            await connection.execute(SERVICES_TO_SET_UP, AT_ONCE, datetime.now(UTC), timeout=600)
            waits.clear()
            marks = await drained(connection)
        finally:
            await connection.close()
    busy = list(waits)
    # the first and the last tenth may wait for their moment or end early: the second and the ninth are full speed
    early, late = marks[1] - marks[0], marks[8] - marks[7]
    return [
        Row(f"{AT_ONCE:,} set-ups over within one minute, announced", f"{AT_ONCE / marks[-1]:,.0f} a second"),
        Row(
            "time of their ninth tenth against their second",
            f"{late:,.1f} s",
            f"{early:,.1f} s",
            late / early,
            "≤ 1.50",
        ),
        Row(
            "command meanwhile, p99, against before",
            f"{late_of(busy) * 1000:,.0f} ms",
            f"{late_of(calm) * 1000:,.0f} ms",
            late_of(busy) / late_of(calm),
            "answered",
        ),
    ]


def late_of(waits: list[float]) -> float:
    """The 99th percentile."""
    return sorted(waits)[int(len(waits) * 0.99)]


async def drained(connection: "asyncpg.Connection[asyncpg.Record]") -> list[float]:
    """Seconds at which each tenth of the timers was gone."""
    started, marks = time.perf_counter(), list[float]()
    while len(marks) < 10:
        left = await connection.fetchval("SELECT count(*) FROM activations WHERE state = 'in_setup'", timeout=60)
        spent = time.perf_counter() - started
        assert spent < LONGEST_SECONDS, f"{left} set-ups still wait"
        while len(marks) < 10 and left <= AT_ONCE * (9 - len(marks)) // 10:
            marks.append(spent)
        await asyncio.sleep(0.5)
    return marks


@asynccontextmanager
async def asking(stack: Stack) -> AsyncIterator[list[float]]:
    """Twenty commands a second while the block runs; how long each took, in seconds."""
    waits: list[float] = []
    asked: set[asyncio.Task[None]] = set()

    async def ask(number: int) -> None:
        address = {"street": f"Rue du Banc {number}", "postal_code": "75001", "city": "Paris", "country": "FR"}
        body: dict[str, Any] = {**SITE, "address": address}
        started = time.perf_counter()
        answer = await stack.post("activation", "/sites", body)
        waits.append(time.perf_counter() - started)
        assert answer.status_code == 201, answer.text

    async def keep_asking() -> None:
        for number in range(1, 10**9):
            asked.add(task := asyncio.create_task(ask(number)))
            task.add_done_callback(asked.discard)
            await asyncio.sleep(PACE_SECONDS)

    loop = asyncio.create_task(keep_asking())
    try:
        yield waits
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
        await asyncio.gather(*asked)

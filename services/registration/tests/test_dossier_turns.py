"""No file keeps the others waiting: neither a long one, nor one at which our own code fails (REG-20, REG-21)."""

import asyncio
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from registration_service.dossiers import store
from registration_service.dossiers.beginning import records
from registration_service.dossiers.chunk import Chunk
from registration_service.dossiers.runner import SET_ASIDE, Runner
from registration_service.dossiers.table_file import Dialect

from .bulk import Bulk, read, table, utf8


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


async def steps(bulk: Bulk, count: int, seconds: float = 0) -> None:
    """Let an errand take so many steps, and the clock go on before each of them."""
    runner = Runner(bulk.desk.room.database)
    for _ in range(count):
        bulk.desk.room.clock.advance(timedelta(seconds=seconds))
        await runner.step()


def break_work_on(monkeypatch: pytest.MonkeyPatch, dossier: str, stage: str) -> None:
    """Let our own code fail at one file: before its rows are tried, while it is read, or as soon as it is looked at."""
    if stage == "rows":
        work = Chunk.work

        async def fail_at_rows(self: Chunk, most: int) -> None:
            if str(self._dossier.dossier_id) == dossier:
                raise RuntimeError("broken on purpose")
            await work(self, most)

        monkeypatch.setattr(Chunk, "work", fail_at_rows)
    elif stage == "reading":

        def fail_at_reading(pool: Any, file_id: Any, *rest: Any) -> Any:
            raise RuntimeError("broken on purpose")

        monkeypatch.setattr("registration_service.dossiers.reading.records", fail_at_reading)
    else:
        make = store.dossier_of

        def fail_at_sight(row: Any) -> Any:
            if str(row["dossier_id"]) == dossier:
                raise RuntimeError("broken on purpose")
            return make(row)

        monkeypatch.setattr(store, "dossier_of", fail_at_sight)


@pytest.mark.requirement("REG-20", "REG-21")
@pytest.mark.parametrize("stage", ["rows", "sight"])
async def test_a_file_at_which_our_code_fails_is_set_aside_and_shows_and_the_others_go_on(
    bulk, monkeypatch, stage
) -> None:
    issued, clock = await bulk.desk.certificate(quantity=9), bulk.desk.room.clock
    broken = await bulk.open(utf8([bulk.row(issued.certificate_number)]))
    await steps(bulk, 1)
    break_work_on(monkeypatch, broken, stage)
    good = await bulk.open(utf8([bulk.row(issued.certificate_number)]))
    await steps(bulk, 4)
    assert await bulk.words(good) == ["registered"]
    shown = await bulk.state(broken)
    assert (shown["state"], shown["done"], shown["retry_at"]) == ("running", 0, "2026-11-22T09:00:01Z")
    clock.advance(timedelta(seconds=1))
    await steps(bulk, 1)
    assert (await bulk.state(broken))["retry_at"] == "2026-11-22T09:00:03Z", "later and later"
    await steps(bulk, 1)
    assert SET_ASIDE._value.get() == 1
    monkeypatch.undo()
    clock.advance(timedelta(seconds=2))
    await bulk.work()
    assert await bulk.words(broken) == ["registered"]
    assert (await bulk.state(broken))["retry_at"] is None


@pytest.mark.requirement("REG-21")
async def test_a_file_that_our_code_cannot_read_is_set_aside_and_the_others_go_on(bulk, monkeypatch) -> None:
    issued = await bulk.desk.certificate(quantity=9)
    good = await bulk.open(utf8([bulk.row(issued.certificate_number)]))
    await steps(bulk, 1)
    broken = await bulk.open(utf8([bulk.row(issued.certificate_number)]))
    break_work_on(monkeypatch, broken, "reading")
    await steps(bulk, 3)
    assert await bulk.words(good) == ["registered"]
    assert (await bulk.state(broken))["retry_at"] == "2026-11-22T09:00:01Z"
    assert await Runner(bulk.desk.room.database).step() is False, "it rests"
    answer = await bulk.desk.room.post(f"/dossiers/{broken}/cancellation", {}, claims=bulk.claims)
    assert answer.status_code == 202
    assert (await bulk.state(broken))["state"] == "refused"


@pytest.mark.requirement("REG-21")
async def test_a_short_file_is_done_while_a_long_one_that_came_before_goes_on(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 2)
    monkeypatch.setattr("registration_service.dossiers.reading.STAGED_AT_ONCE", 10)
    issued = await bulk.desk.certificate(quantity=90)
    number = issued.certificate_number
    running = await bulk.open(utf8([bulk.row(number) for _ in range(20)]))
    await steps(bulk, 4, 1)
    reading = await bulk.open(utf8([bulk.row("9H012345SX") for _ in range(200)]))
    short = await bulk.open(utf8([bulk.row(number)]))
    await steps(bulk, 6, 1)
    assert await bulk.words(short) == ["registered"]
    assert [(await bulk.state(one))["state"] for one in (running, reading)] == ["running", "reading"]
    await bulk.work()


@pytest.mark.requirement("REG-21")
async def test_a_file_whose_lock_somebody_holds_for_long_lets_the_others_go_first(bulk) -> None:
    held, free, room = await bulk.desk.certificate(), await bulk.desk.certificate(), bulk.desk.room
    first = await bulk.open(utf8([bulk.row(held.certificate_number)]))
    second = await bulk.open(utf8([bulk.row(free.certificate_number)]))
    await steps(bulk, 1, 1)
    async with room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM certificates WHERE certificate_id = $1 FOR UPDATE", held.certificate_id)
        await steps(bulk, 4, 1)
        assert (await bulk.state(first))["done"] == 0
        assert await bulk.words(second) == ["registered"]
    await bulk.work()
    assert await bulk.words(first) == ["registered"]


async def test_a_dry_run_waits_for_a_forms_lock_no_longer_than_an_earnest_one(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 1)
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    rows = [bulk.row(issued.certificate_number) for _ in range(2)]
    dossier = await bulk.open(utf8(rows), dry_run=True)
    await steps(bulk, 2)
    assert (await bulk.state(dossier))["done"] == 1
    async with room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM certificates WHERE certificate_id = $1 FOR UPDATE", issued.certificate_id)
        await asyncio.wait_for(steps(bulk, 1), 5)
    await bulk.work()
    assert await bulk.words(dossier) == ["would_register"] * 2


def mixed(bulk: Bulk, number: str, count: int) -> bytes:
    """Rows with line breaks and doubled quotes in cells, blank lines, and letters as Windows has them."""
    rows = [
        bulk.row(number, email=f"x{place}@example.com", address=f'Rue "É{place}";\nbâtiment {place}')
        for place in range(count)
    ]
    return table(rows).replace("\r\n9H", "\r\n\r\n;;;\r\n9H").encode("cp1252")


@pytest.mark.requirement("REG-21")
@pytest.mark.parametrize("dry_run", [False, True])
async def test_work_that_is_cut_off_anywhere_loses_and_doubles_no_row(bulk, monkeypatch, dry_run) -> None:
    """While the file is looked at, read and worked off, again and again, by two processes, as kill -9 would."""
    monkeypatch.setattr("registration_service.dossiers.reading.STAGED_AT_ONCE", 7)
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 6)
    issued, chance = await bulk.desk.certificate(quantity=100), Random(21)
    content = mixed(bulk, issued.certificate_number, 60)
    dossier = await bulk.open(content, dry_run=dry_run)
    deaths = 0

    async def process() -> None:
        nonlocal deaths
        for _ in range(25):
            work = asyncio.create_task(Runner(bulk.desk.room.database).work_off())
            done, _ = await asyncio.wait({work}, timeout=chance.random() / 25)
            deaths += not done
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    await asyncio.gather(process(), process())
    await bulk.work()
    assert deaths > 5
    assert await bulk.words(dossier) == ["would_register" if dry_run else "registered"] * 60
    assert [row["position"] for row in await bulk.outcomes(dossier)] == list(range(1, 61))
    answered = read(await bulk.answer(dossier), "cp1252")
    assert {row["aftercare_result"] for row in answered if row["serial"]} == set(await bulk.words(dossier))
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == (100 if dry_run else 40)


async def test_a_file_made_to_be_looked_at_again_and_again_holds_nothing_up(bulk) -> None:
    """Each line opens a quote for the next one, so that each might be a row of all lines after it."""
    content = utf8([]) + b'x";"abc\n' * 30_000
    file, loop = UUID(await bulk.keep(content)), asyncio.get_running_loop()
    stream = records(bulk.desk.room.database.pool, file, Dialect("utf-8", True, ";"), (3, 0))

    async def cut() -> int:
        found = 0
        async for record in stream:
            found += not record.closed
            if found == 300:
                break
        return found

    began, longest = loop.time(), 0.0
    cutting = asyncio.create_task(cut())
    while not cutting.done():
        before = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - before)
    assert await cutting == 300
    assert loop.time() - began < 5
    assert longest < 0.5

"""How far a file is, by asking and as it happens; and what a fault of our own costs (REG-20, REG-21)."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from registration_service.dossiers import progress as stream
from registration_service.dossiers.runner import Runner
from registration_service.registrations.handlers import register_product

from .bulk import Bulk, utf8
from .conftest import JAN


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


def events(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, event, data) of each event in a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.requirement("REG-21")
async def test_progress_is_told_as_it_happens_and_ends_with_done(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 4)
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.01)
    issued = await bulk.desk.certificate(quantity=50)
    dossier = await bulk.open(utf8([bulk.row(issued.certificate_number) for _ in range(40)]))
    answer, _ = await asyncio.gather(bulk.get(dossier, "/progress"), bulk.work())
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 1000\n\n")
    told = events(answer.text)
    assert len(told) >= 3
    assert [name for _, name, _ in told] == ["progress"] * (len(told) - 1) + ["done"]
    done = [data["done"] for _, _, data in told]
    assert done == sorted(done)
    assert (done[-1], told[-1][2]["state"]) == (40, "completed")
    assert len({number for number, _, _ in told}) == len(told)


@pytest.mark.requirement("REG-21")
async def test_a_reader_who_comes_back_is_told_what_is_new_only(bulk, monkeypatch) -> None:
    monkeypatch.setattr(stream, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.03)
    monkeypatch.setattr(stream, "LONGEST_SECONDS", 0.2)
    dossier = await bulk.done(utf8([bulk.row("FCAAAAAAAAAA")]))
    first = await bulk.get(dossier, "/progress")
    ((number, name, data),) = events(first.text)
    assert (name, data["state"], data["outcomes"]["parked"]) == ("progress", "waiting", 1)
    assert ": still here" in first.text
    room = bulk.desk.room
    headers = {**room._headers(None, "en", bulk.claims), "Last-Event-ID": number}
    again = await room.client.get(f"/dossiers/{dossier}/progress", headers=headers)
    assert events(again.text) == []


@pytest.mark.requirement("REG-21")
async def test_a_browser_that_has_read_done_is_told_to_stay_away(bulk) -> None:
    dossier = await bulk.done(utf8([]))
    ((number, name, _),) = events((await bulk.get(dossier, "/progress")).text)
    assert name == "done"
    headers = {**bulk.desk.room._headers(None, "en", bulk.claims), "Last-Event-ID": number}
    again = await bulk.desk.room.client.get(f"/dossiers/{dossier}/progress", headers=headers)
    assert (again.status_code, again.text) == (204, "")


@pytest.mark.requirement("REG-21")
async def test_streams_are_limited_and_one_too_many_is_asked_to_come_back(bulk, monkeypatch) -> None:
    dossier = await bulk.done(utf8([]))
    monkeypatch.setattr("registration_service.dossiers.api.STREAMS", asyncio.Semaphore(0))
    answer = await bulk.get(dossier, "/progress")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.requirement("REG-21")
async def test_a_file_shows_rows_done_failed_rate_and_time_left_while_it_runs(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 5)
    issued = await bulk.desk.certificate(quantity=50)
    await bulk.work()
    rows = [
        bulk.row(issued.certificate_number, serial="9H012345SX" if place % 5 else bulk.desk.serial())
        for place in range(40)
    ]
    dossier, runner = await bulk.open(utf8(rows)), Runner(bulk.desk.room.database)
    assert ((await bulk.state(dossier))["state"], (await bulk.state(dossier))["rate_per_second"]) == ("received", None)
    for _ in range(3):
        assert await runner.step()
        bulk.desk.room.clock.advance(timedelta(seconds=2))
    state = await bulk.state(dossier)
    assert (state["state"], state["rows_total"], state["done"], state["failed"]) == ("running", 40, 10, 8)
    assert (state["rate_per_second"], state["seconds_left"]) == (5.0, 6)
    assert b";pending;;\r\n" in await bulk.answer(dossier)
    answer = await bulk.get(dossier)
    headers = {**bulk.desk.room._headers(None, "en", bulk.claims), "If-None-Match": answer.headers["etag"]}
    assert (await bulk.desk.room.client.get(f"/dossiers/{dossier}", headers=headers)).status_code == 304
    await bulk.work()


@pytest.mark.requirement("REG-20")
async def test_a_row_at_which_our_own_code_fails_is_refused_and_the_file_goes_on(bulk, monkeypatch) -> None:
    issued = await bulk.desk.certificate(quantity=9)
    rows = [bulk.row(issued.certificate_number, email=f"b{place}@example.com") for place in range(4)]

    async def broken(command: Any, tx: Any, by: Any, offers: Any) -> Any:
        done = await register_product(command, tx, by, offers)
        if command.serial == rows[2]["serial"]:
            raise RuntimeError("broken on purpose, after it has written")
        return done

    monkeypatch.setattr("registration_service.dossiers.chunk.register_product", broken)
    dossier = await bulk.done(utf8(rows))
    assert await bulk.words(dossier) == ["registered", "registered", "internal-error", "registered"]
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 6
    monkeypatch.undo()
    again = await bulk.done(utf8(rows))
    assert await bulk.words(again) == ["already_registered", "already_registered", "registered", "already_registered"]


async def test_forms_are_answered_while_a_file_with_the_same_certificate_runs(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=700)
    await bulk.open(utf8([bulk.row(issued.certificate_number, email=f"f{n}@example.com") for n in range(600)]))
    working, waits = asyncio.create_task(bulk.work()), []
    while not working.done():
        began = time.perf_counter()
        answer = await bulk.desk.register(issued.certificate_number, customer={**JAN, "email": "form@example.com"})
        assert answer.status_code == 201
        waits.append(time.perf_counter() - began)
    await working
    assert len(waits) >= 3
    assert sorted(waits)[len(waits) // 2] < 1.0


async def test_a_chunk_gives_way_to_a_form_that_holds_its_lock(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=5)
    dossier = await bulk.open(utf8([bulk.row(issued.certificate_number)]))
    room = bulk.desk.room
    async with room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM certificates WHERE certificate_id = $1 FOR UPDATE", issued.certificate_id)
        began = time.perf_counter()
        runner = Runner(room.database)
        assert await runner.step()  # read
        assert await runner.step()  # try
        assert 0.3 < time.perf_counter() - began < 3
        assert (await bulk.state(dossier))["done"] == 0
    await bulk.work()
    assert await bulk.words(dossier) == ["registered"]

"""A dry run says exactly what the real run does, and changes nothing (REG-20)."""

from random import Random

import pytest

from registration_service.dossiers.runner import Runner

from .bulk import Bulk, read, utf8
from .conftest import CAMILLE

REAL = {"would_register": "registered", "would_contest": "contested", "would_park": "parked"}


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


async def messy(bulk: Bulk, count: int) -> list[dict[str, str]]:
    """Rows on three certificates that do not suffice, with doubles, other customers and mistakes all over the file."""
    chance = Random(19)
    packs = [await bulk.desk.certificate(quantity=quantity) for quantity in (40, 25, 10)]
    extension = await bulk.desk.certificate(service_reference="EXT2FR-X40", quantity=15)
    numbers = [pack.certificate_number for pack in packs]
    taken = [bulk.desk.serial() for _ in range(5)]
    for serial in taken:
        await bulk.desk.register(numbers[0], serial=serial, customer=CAMILLE)
    rows: list[dict[str, str]] = []
    for place in range(count):
        fresh = bulk.row(chance.choice(numbers), email=f"m{place % 30}@example.com")
        earlier = chance.choice(rows) if rows else fresh
        kinds = {
            "fresh": fresh,
            "double": earlier,
            "other certificate": {**earlier, "certificate": chance.choice(numbers)},
            "other day": {**earlier, "purchase_date": "19/11/2026"},
            "other customer": {**earlier, "email": "somebody.else@example.com"},
            "taken": {**fresh, "serial": chance.choice(taken)},
            "extension": {
                **(earlier if earlier["model"].startswith("X40") else fresh),
                "model": "X40-K-11E",
                "certificate": extension.certificate_number,
                "service_reference": "EXT2FR-X40",
            },
            "unknown": {**fresh, "certificate": "FCAAAAAAAAAA"},
            "wrong": {**fresh, "serial": "9H012345SX"},
        }
        weights = [8, 3, 2, 1, 1, 1, 2, 1, 1]
        rows.append(chance.choices(list(kinds.values()), weights)[0])
    return rows


@pytest.mark.requirement("REG-20")
async def test_a_dry_run_of_a_messy_file_says_what_the_real_run_then_does(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 16)  # so that doubles lie in many chunks
    content = utf8(await messy(bulk, 240))
    await bulk.desk.said()
    before = await bulk.desk.rows()
    rehearsed = await bulk.done(content, dry_run=True)
    assert [type(fact).__name__ for fact in await bulk.desk.said()] == ["ContactChanged"], "the sender is remembered"
    assert await bulk.desk.rows() == {**before, "contacts": before["contacts"] + 1}
    real = await bulk.done(content)
    expected = [REAL.get(word, word) for word in await bulk.words(rehearsed)]
    assert await bulk.words(real) == expected
    assert {"registered", "already_registered", "contested", "parked", "certificate-exhausted"} < set(expected)
    assert {"serial-registered-differently", "serial-already-registered"} < set(expected)
    told = [(row["column"], row["value"], row["message"]) for row in await bulk.outcomes(rehearsed)]
    assert [(row["column"], row["value"], row["message"]) for row in await bulk.outcomes(real)] == told


@pytest.mark.requirement("REG-20")
async def test_units_that_earlier_rows_of_a_dry_run_use_up_are_counted_over_chunks(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 2)
    issued = await bulk.desk.certificate(quantity=5)
    dossier = await bulk.done(utf8([bulk.row(issued.certificate_number) for _ in range(8)]), dry_run=True)
    assert await bulk.words(dossier) == ["would_register"] * 5 + ["certificate-exhausted"] * 3
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 5


@pytest.mark.requirement("REG-20")
async def test_a_dry_run_is_done_at_once_and_its_answer_says_would(bulk) -> None:
    issued = await bulk.desk.certificate()
    content = utf8([bulk.row(issued.certificate_number), bulk.row("FCAAAAAAAAAA")])
    dossier = await bulk.done(content, dry_run=True)
    state = await bulk.state(dossier)
    assert (state["state"], state["done"], state["outcomes"]["would_park"]) == ("completed", 2, 1)
    answered = read(await bulk.answer(dossier))
    assert [row["aftercare_result"] for row in answered] == ["would_register", "would_park"]
    page = (await bulk.get(dossier, "/rows?outcome=would_park")).json()["items"]
    assert [row["position"] for row in page] == [2]
    assert await bulk.desk.room.database.pool.fetchval("SELECT count(*) FROM timer WHERE subject = $1", dossier) == 0


@pytest.mark.requirement("REG-20", "ALL-05")
async def test_a_dry_run_that_is_over_keeps_nothing_of_the_people_in_it(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 2)
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    rows = [bulk.row(issued.certificate_number, email="secret@example.com") for _ in range(3)]
    content = utf8([*rows, bulk.row("FCAAAAAAAAAA"), bulk.row(issued.certificate_number, serial="9H012345SX")])
    over, given_up = await bulk.done(content, dry_run=True), await bulk.open(content, dry_run=True)
    runner = Runner(room.database)
    for _ in range(2):  # read, and try two rows
        await runner.step()
    assert (await room.post(f"/dossiers/{given_up}/cancellation", {}, claims=bulk.claims)).status_code == 202
    await bulk.work()
    assert [(await bulk.state(one))["done"] for one in (over, given_up)] == [5, 5]
    kept = "SELECT count(*) FROM dossier_rows WHERE dossier_id = ANY($1) AND (cells IS NOT NULL OR serial IS NOT NULL)"
    assert await room.database.pool.fetchval(kept, [over, given_up]) == 0
    units = "SELECT count(*) FROM dossier_units WHERE dossier_id = ANY($1)"
    assert await room.database.pool.fetchval(units, [over, given_up]) == 0


@pytest.mark.requirement("REG-20")
async def test_a_dry_run_and_the_real_one_of_the_same_file_may_run_beside_each_other(bulk) -> None:
    issued = await bulk.desk.certificate()
    content = utf8([bulk.row(issued.certificate_number)])
    rehearsed, real = await bulk.open(content, dry_run=True), await bulk.open(content)
    await bulk.work()
    assert await bulk.words(real) == ["registered"]
    assert (await bulk.words(rehearsed))[0] in ("would_register", "already_registered")

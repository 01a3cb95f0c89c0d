"""Rows wait for what is not known yet, until the day is over (REG-22)."""

from datetime import UTC, datetime, timedelta

import pytest

from event_schemas.registration_dossiers import DossierCompleted, DossierOverdue
from registration_service.dossiers.runner import LATE, Runner

from .bulk import Bulk, read, utf8
from .conftest import refused


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


@pytest.mark.requirement("REG-22")
async def test_a_row_whose_model_becomes_known_completes_by_itself(bulk) -> None:
    issued, serial = await bulk.desk.certificate(), bulk.desk.serial()
    dossier = await bulk.done(utf8([bulk.row(issued.certificate_number, serial=serial.lower(), model="")]))
    state = await bulk.state(dossier)
    assert (state["state"], state["done"], state["outcomes"]["parked"]) == ("waiting", 0, 1)
    assert (await bulk.outcomes(dossier))[0]["code"] == "model-unknown"
    told = await bulk.desk.room.post(
        "/units", {"brand": "dynabook", "units": [{"serial": serial, "model": "PT5B1E-0K601"}]}
    )
    assert told.status_code == 201
    await bulk.desk.said()
    await bulk.work()
    assert await bulk.words(dossier) == ["registered"]
    assert (await bulk.state(dossier))["state"] == "completed"
    said = await bulk.desk.said()
    assert [type(fact).__name__ for fact in said[-3:]] == [
        "ProductRegistered",
        "CertificateRedeemed",
        "DossierCompleted",
    ]


@pytest.mark.requirement("REG-22")
async def test_a_row_whose_certificate_is_issued_later_completes_by_itself(bulk, monkeypatch) -> None:
    number = "FCACDEFGHJKM"
    rows = [bulk.row("FCAAAAAAAAAA"), bulk.row(number.lower()), bulk.row(number)]
    dossier = await bulk.done(utf8(rows))
    assert await bulk.words(dossier) == ["parked"] * 3
    monkeypatch.setattr("registration_service.certificates.handlers.new_number", lambda _: number)
    issued = await bulk.desk.certificate(quantity=1)
    assert issued.certificate_number == number
    await bulk.work()
    assert await bulk.words(dossier) == ["parked", "registered", "certificate-exhausted"]
    assert (await bulk.state(dossier))["state"] == "waiting"


@pytest.mark.requirement("REG-22")
async def test_a_number_that_no_certificate_can_have_is_refused_at_once_instead_of_waited_for(bulk) -> None:
    dossier = await bulk.done(utf8([bulk.row("PPCP013FR-VGAD"), bulk.row("FC AAAA")]))
    assert await bulk.words(dossier) == ["certificate-unknown"] * 2
    assert (await bulk.state(dossier))["state"] == "completed"


@pytest.mark.requirement("REG-22")
async def test_what_still_waits_when_the_last_day_is_over_is_refused_and_the_dossier_completes(bulk) -> None:
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    rows = [
        bulk.row(issued.certificate_number),
        bulk.row("FCAAAAAAAAAA"),
        bulk.row(issued.certificate_number, model=""),
    ]
    dossier = await bulk.done(utf8(rows))
    await bulk.desk.said()
    room.clock.set(datetime(2026, 11, 29, 22, 59, 59, tzinfo=UTC))  # a second before midnight in Paris
    await room.fire_timers()
    await bulk.work()
    assert await bulk.words(dossier) == ["registered", "parked", "parked"]
    room.clock.advance(timedelta(seconds=1))
    await room.fire_timers()
    await bulk.work()
    assert await bulk.words(dossier) == ["registered", "parked-too-long", "parked-too-long"]
    answered = read(await bulk.answer(dossier))
    assert answered[1]["aftercare_message"].startswith("FCAAAAAAAAAA was waited for until 2026-11-29")
    assert (answered[2]["aftercare_column"], rows[2]["serial"] in answered[2]["aftercare_message"]) == ("model", True)
    state = await bulk.state(dossier)
    assert (state["state"], state["late"], state["done"], state["failed"]) == ("completed", False, 3, 2)
    said = [fact for fact in await bulk.desk.said() if str(getattr(fact, "dossier_id", "")) == dossier]
    assert [type(fact) for fact in said] == [DossierCompleted]
    assert (said[0].rows, said[0].registered, said[0].refused) == (3, 1, 2)


@pytest.mark.requirement("REG-22")
async def test_a_dossier_that_nobody_worked_on_in_time_is_late_and_shows(bulk) -> None:
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    dossier = await bulk.open(utf8([bulk.row(issued.certificate_number), bulk.row("FCAAAAAAAAAA")]))
    late = (await bulk.get("", "?late=true")).json()["items"]
    assert dossier not in {one["dossier_id"] for one in late}
    room.clock.advance(timedelta(days=8))
    await bulk.desk.said()
    await room.fire_timers()
    said = [fact for fact in await bulk.desk.said() if str(getattr(fact, "dossier_id", "")) == dossier]
    assert [type(fact) for fact in said] == [DossierOverdue]
    late = (await bulk.get("", "?late=true")).json()["items"]
    assert dossier in {one["dossier_id"] for one in late}
    await Runner(room.database).step()
    assert LATE._value.get() >= 1
    await bulk.work()
    assert await bulk.words(dossier) == ["registered", "parked-too-long"], "it is too late to wait"
    state = await bulk.state(dossier)
    assert (state["state"], state["late"]) == ("completed", True)


@pytest.mark.requirement("REG-21")
async def test_a_cancelled_dossier_keeps_what_is_registered_and_refuses_the_rest(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.runner.MOST_ROWS", 2)
    issued, room = await bulk.desk.certificate(quantity=9), bulk.desk.room
    await bulk.work()
    dossier = await bulk.open(
        utf8([bulk.row("FCAAAAAAAAAA"), *(bulk.row(issued.certificate_number) for _ in range(5))])
    )
    runner = Runner(room.database)
    for _ in range(2):  # read the file, try two rows
        assert await runner.step()
    answer = await room.post(f"/dossiers/{dossier}/cancellation", {}, claims=bulk.claims)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/dossiers/{dossier}")
    await bulk.work()
    assert await bulk.words(dossier) == ["dossier-cancelled", "registered", *["dossier-cancelled"] * 4]
    assert (await bulk.state(dossier))["state"] == "completed"
    again = await room.post(f"/dossiers/{dossier}/cancellation", {}, claims=bulk.claims)
    assert (again.status_code, again.json()["code"]) == (409, "dossier-over")


@pytest.mark.requirement("REG-21")
async def test_a_dossier_cancelled_before_it_was_read_is_refused_as_a_whole(bulk) -> None:
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    content = utf8([bulk.row(issued.certificate_number)])
    dossier = await bulk.open(content)
    assert (await room.post(f"/dossiers/{dossier}/cancellation", {}, claims=bulk.claims)).status_code == 202
    await bulk.work()
    state = await bulk.state(dossier)
    assert (state["state"], state["problem"]["code"]) == ("refused", "dossier-cancelled")
    assert read(await bulk.answer(dossier))[0]["aftercare_result"] == "dossier-cancelled"
    said = [fact for fact in await bulk.desk.said() if isinstance(fact, DossierCompleted)]
    assert [fact.problem for fact in said] == ["dossier-cancelled"]
    assert await room.database.pool.fetchval("SELECT count(*) FROM timer WHERE subject = $1", dossier) == 0
    assert await bulk.words(await bulk.done(content)) == ["registered"]


@pytest.mark.requirement("REG-06", "REG-19")
async def test_another_organisations_dossier_is_as_unknown_as_one_that_does_not_exist(bulk) -> None:
    issued, room = await bulk.desk.certificate(), bulk.desk.room
    member = {
        "sub": "m1",
        "organisation": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d0a",
        "contact": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d0b",
    }
    scopes = ["dossiers:read", "dossiers:write"]
    sender = Bulk(bulk.desk, member)
    dossier = await sender.done(utf8([bulk.row(issued.certificate_number)]), submitter=None)
    colleague = {**member, "sub": "m2"}
    stranger = {**colleague, "organisation": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4d0c"}
    for path in ("", "/rows", "/answer", "/progress"):
        seen = await room.get(f"/dossiers/{dossier}{path}", scopes=[*scopes, "files:organisation"], claims=colleague)
        assert seen.status_code == 200
        for who in (colleague, stranger, {**stranger, "sub": "m1"} | {"sub": "x"}):
            allowed = scopes if who is colleague else [*scopes, "files:organisation"]
            hidden = await room.get(f"/dossiers/{dossier}{path}", scopes=allowed, claims=who)
            unknown = await room.get(f"/dossiers/{issued.certificate_id}{path}", scopes=allowed, claims=who)
            assert (hidden.status_code, hidden.json()["code"]) == (404, "not-found")
            assert {**hidden.json(), "correlation_id": ""} == {**unknown.json(), "correlation_id": ""}
    stop = await room.post(f"/dossiers/{dossier}/cancellation", {}, scopes=scopes, claims=stranger)
    assert (stop.status_code, stop.json()["code"]) == (404, "not-found")
    listed = (await room.get("/dossiers", scopes=scopes, claims=stranger)).json()["items"]
    assert listed == []


async def test_lists_go_by_state_and_cursor_newest_first(bulk) -> None:
    sender = Bulk(bulk.desk, {"sub": "lister"})
    made = []
    for number in range(3):
        bulk.desk.room.clock.advance(timedelta(seconds=1))
        made.append(await sender.open(utf8([bulk.row("FCAAAAAAAAAA", email=f"l{number}@example.com")])))
    scopes = ["dossiers:read"]
    page = (await sender.get("", "?limit=2", scopes=scopes)).json()
    rest = (await sender.get("", f"?limit=2&cursor={page['next_cursor']}", scopes=scopes)).json()
    assert [one["dossier_id"] for one in page["items"] + rest["items"]] == made[::-1]
    assert (await sender.get("", "?state=completed", scopes=scopes)).json()["items"] == []
    refused(await sender.get("", "?cursor=x", scopes=scopes), 422, "cursor-malformed", "/cursor")

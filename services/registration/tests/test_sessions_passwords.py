"""A forgotten password, a changed one, and that no secret stays anywhere."""

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from tests.support.people import PASSWORD, fresh_address, only, profile, settled, sign_in, sign_up, verified
from tests.support.waiting import until

from event_schemas.registration_mail import PasswordChanged, PasswordResetRequested, VerificationRequested
from registration_service.sessions.forgetting import forget, forget_expired

NEW = "four green ladders in a lake"


async def ask_reset(desk, email, brand="dynabook"):
    return await desk.room.client.post("/password-resets", json={"brand": brand, "email": email})


async def complete(desk, password=NEW, **told):
    body = {"password": password, "password_confirmation": password, **told}
    return await desk.room.client.post("/password-resets/completion", json=body)


async def forgotten(desk):
    """Somebody who has forgotten the password, and the mail about it."""
    somebody = await settled(desk.room)
    assert (await ask_reset(desk, somebody.email)).status_code == 202
    return somebody, only(PasswordResetRequested, await desk.said())


@pytest.mark.requirement("REG-05")
@pytest.mark.parametrize("by", ["link", "code"])
async def test_a_forgotten_password_is_replaced_and_every_session_ends(desk, by) -> None:
    somebody, mail = await forgotten(desk)
    token = mail.reset_url.partition("/password-reset?token=")[2]
    looked = await desk.room.client.get(f"/password-reset?token={token}")
    assert looked.json() == {"good": True, "method": "POST", "path": "/password-resets/completion"}
    proof = {"token": token} if by == "link" else {"brand": "dynabook", "email": somebody.email, "code": mail.code}
    answer = await complete(desk, **proof)
    assert answer.status_code == 200, answer.text
    assert only(PasswordChanged, await desk.said()).account_id == mail.account_id
    told = {"refresh_token": somebody.tokens["refresh_token"]}
    assert (await desk.room.client.post("/sessions/refresh", json=told)).status_code == 401
    assert (await sign_in(desk.room, somebody.email, PASSWORD)).status_code == 401
    assert (await sign_in(desk.room, somebody.email, NEW)).status_code == 201
    assert (await complete(desk, **proof)).json()["code"] == "reset-failed"


@pytest.mark.requirement("REG-05")
async def test_asking_for_a_reset_tells_nothing_about_the_address(desk) -> None:
    known, unproven = await settled(desk.room), fresh_address()
    await sign_up(desk.room, unproven)
    half = await verified(desk.room)
    await desk.said()
    answers = [
        await ask_reset(desk, email) for email in (known.email, known.email, unproven, half.email, "x@example.com")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b'{"done":true}')}
    assert len(await desk.said()) == 1


@pytest.mark.requirement("REG-05")
async def test_a_wrong_code_of_a_reset_is_one_answer_for_all_and_the_fifth_voids_it(desk) -> None:
    somebody, mail = await forgotten(desk)
    told = {"brand": "dynabook", "code": f"{(int(mail.code) + 1) % 10**6:06}"}
    bodies = []
    for _ in range(5):
        for email in (somebody.email, fresh_address()):
            answer = await complete(desk, email=email, **told)
            assert answer.status_code == 422
            bodies.append({name: text for name, text in answer.json().items() if name != "correlation_id"})
    assert all(body == bodies[0] for body in bodies)
    right = await complete(desk, brand="dynabook", email=somebody.email, code=mail.code)
    assert right.json()["code"] == "reset-failed"


@pytest.mark.requirement("REG-05")
async def test_a_reset_expires_and_a_bad_password_uses_nothing_up(desk) -> None:
    _, mail = await forgotten(desk)
    token = mail.reset_url.partition("=")[2]
    assert (await complete(desk, "password1234", token=token)).json()["code"] == "password-common"
    desk.room.clock.advance(timedelta(minutes=30))
    assert (await complete(desk, token=token)).json()["code"] == "reset-failed"
    assert (await complete(desk)).json()["code"] == "reset-incomplete"


@pytest.mark.requirement("REG-05")
async def test_fifty_parallel_resets_with_one_link_change_the_password_once(desk) -> None:
    _, mail = await forgotten(desk)
    token = mail.reset_url.partition("=")[2]
    answers = await asyncio.gather(*(complete(desk, f"{NEW} {number}", token=token) for number in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 49
    assert len(await desk.said()) == 1


@pytest.mark.requirement("REG-05")
async def test_a_reset_ends_a_lock(desk) -> None:
    somebody, mail = await forgotten(desk)
    for _ in range(5):
        await sign_in(desk.room, somebody.email, "wrong")
    assert (await sign_in(desk.room, somebody.email)).status_code == 429
    await complete(desk, token=mail.reset_url.partition("=")[2])
    assert (await sign_in(desk.room, somebody.email, NEW)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_a_password_is_changed_and_the_other_sessions_end(desk) -> None:
    somebody = await settled(desk.room)
    other = (await sign_in(desk.room, somebody.email)).json()["refresh_token"]
    body = {"current_password": PASSWORD, "password": NEW, "password_confirmation": NEW}
    answer = await somebody.post("/password-changes", body)
    assert answer.status_code == 200, answer.text
    only(PasswordChanged, await desk.said())
    assert (await desk.room.client.post("/sessions/refresh", json={"refresh_token": other})).status_code == 401
    somebody.tokens = answer.json()
    await somebody.refresh()
    assert (await sign_in(desk.room, somebody.email, NEW)).status_code == 201


@pytest.mark.requirement("REG-05")
@pytest.mark.parametrize("by", ["link", "code"])
async def test_what_was_mailed_for_a_new_password_opens_nothing_once_it_is_changed(desk, by) -> None:
    somebody, mail = await forgotten(desk)
    body = {"current_password": PASSWORD, "password": NEW, "password_confirmation": NEW}
    assert (await somebody.post("/password-changes", body)).status_code == 200
    token = mail.reset_url.partition("=")[2]
    assert (await desk.room.client.get(f"/password-reset?token={token}")).json()["good"] is False
    proof = {"token": token} if by == "link" else {"brand": "dynabook", "email": somebody.email, "code": mail.code}
    assert (await complete(desk, "a thief has chosen this", **proof)).json()["code"] == "reset-failed"
    assert (await sign_in(desk.room, somebody.email, NEW)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_a_wrong_current_password_counts_as_a_failure_to_sign_in(desk) -> None:
    somebody = await settled(desk.room)
    body = {"current_password": "wrong", "password": NEW, "password_confirmation": NEW}
    for _ in range(5):
        answer = await somebody.post("/password-changes", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "current-password-wrong")
    locked = await somebody.post("/password-changes", {**body, "current_password": PASSWORD})
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "60")
    assert (await sign_in(desk.room, somebody.email)).status_code == 429


@pytest.mark.requirement("REG-05")
@pytest.mark.parametrize(
    "body",
    [
        {"password": [PASSWORD], "password_confirmation": 7},
        {"password": "short", "pasword": PASSWORD},
        {"password": {"value": PASSWORD}},
        [PASSWORD],
        PASSWORD,
    ],
)
async def test_no_answer_repeats_a_password_that_was_sent_in_a_wrong_place(desk, body) -> None:
    somebody = await verified(desk.room)
    for path in ("/profile", "/password-changes", "/sessions", "/password-resets/completion"):
        answer = await somebody.post(path, body)
        assert answer.status_code == 422
        assert PASSWORD not in answer.text


@pytest.mark.requirement("REG-01", "REG-05")
async def test_no_secret_is_in_a_table_or_a_log(desk, caplog, capsys) -> None:
    caplog.set_level(logging.DEBUG)
    email = fresh_address()
    asked = await sign_up(desk.room, email)
    mail = only(VerificationRequested, await desk.said())
    told = {"sign_up_id": asked.json()["sign_up_id"], "code": mail.code}
    tokens = (await desk.room.client.post("/verifications", json=told)).json()
    await desk.room.post("/profile", profile(), token=tokens["access_token"])
    signed = (await sign_in(desk.room, email)).json()
    await desk.room.client.post("/sessions/refresh", json={"refresh_token": signed["refresh_token"]})
    await sign_in(desk.room, email, "a wrong password of somebody")
    await ask_reset(desk, email)
    reset = only(PasswordResetRequested, await desk.said())
    links = [url.partition("=")[2] for url in (mail.verification_url, reset.reset_url)]
    secrets = [PASSWORD, "a wrong password of somebody", *links, tokens["refresh_token"], signed["refresh_token"]]
    secrets += [tokens["access_token"], signed["access_token"]]
    rows = await every_row(desk.room.database.pool)
    assert email in rows  # so that the search would find something
    written = rows + caplog.text + "".join(capsys.readouterr())
    assert [secret for secret in secrets if secret in written] == []
    # six digits may stand somewhere by chance: only whole values count
    assert [code for code in (mail.code, reset.code) if f'"{code}"' in rows] == []


async def every_row(pool) -> str:
    """Every row of every table as JSON; bytes as PostgreSQL writes them, and read as text besides."""
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for table in tables:
        rows = await pool.fetch(f'SELECT * FROM "{table[0]}"')
        found += [json.dumps({k: _text(v) for k, v in row.items()}, ensure_ascii=False) for row in rows]
    return "\n".join(found)


def _text(value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.mark.requirement("REG-05")
async def test_what_is_over_is_forgotten_after_a_day(desk) -> None:
    somebody = await settled(desk.room)
    await sign_in(desk.room, fresh_address(), "wrong")
    pool = desk.room.database.pool
    tables = ("proofs", "sign_ups", "sign_in_failures")
    count = "SELECT " + " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    await forget(desk.room.database)
    assert await pool.fetchval(count) > 0
    desk.room.clock.advance(timedelta(days=1, minutes=31))
    await forget(desk.room.database)
    assert await pool.fetchval(count) == 0
    await somebody.refresh()
    desk.room.clock.advance(timedelta(days=32))
    await forget(desk.room.database)
    assert await pool.fetchval("SELECT count(*) FROM sessions") == 0


@pytest.mark.requirement("REG-05")
async def test_the_errand_forgets_at_once_and_stops_when_told(desk) -> None:
    await sign_in(desk.room, fresh_address(), "wrong")
    desk.room.clock.advance(timedelta(days=2))
    stop = asyncio.Event()
    errand = asyncio.create_task(forget_expired(desk.room.database, None, stop))
    count = "SELECT count(*) FROM sign_in_failures"

    async def gone() -> bool:
        return not await desk.room.database.pool.fetchval(count)

    await until(gone, "the end of what is over")
    stop.set()
    await asyncio.wait_for(errand, 10)

"""Signing in and out."""

import asyncio
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pydantic import ValidationError
from tests.support.people import PASSWORD, administrator, end_customer, fresh_address, settled, sign_in, verified
from tests.support.tokens import write_keys, write_signing_key

from event_schemas.roles import ROLES
from registration_service.sessions.forgetting import forget
from registration_service.settings import RegistrationSettings


async def refresh(desk, token):
    return await desk.room.client.post("/sessions/refresh", json={"refresh_token": token})


def told(answer) -> tuple:
    body = answer.json()
    body.pop("correlation_id")
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "traceparent")}
    return answer.status_code, headers, body


@pytest.mark.requirement("REG-05")
async def test_an_access_token_says_who_acts_for_whom_and_the_published_key_checks_it(desk) -> None:
    admin = await administrator(desk.room)
    await admin.sign_in()
    assert admin.tokens["expires_in"] == 600
    published = (await desk.room.client.get("/.well-known/jwks.json")).json()
    assert all("d" not in key for key in published["keys"])
    claims = jwt.decode(admin.tokens["access_token"], KeySet.import_key_set(published), algorithms=["ES256"]).claims
    assert claims["exp"] - claims["iat"] == 600
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("aftercare", "aftercare", admin.account_id)
    assert (claims["role"], claims["brand"]) == ("dealer-admin", "dynabook")
    assert set(claims["scope"].split()) == set(ROLES["dealer-admin"])
    assert (await admin.get("/profile")).json()["organisation_id"] == claims["organisation"]


@pytest.mark.requirement("REG-05")
async def test_whatever_does_not_open_is_one_answer(desk) -> None:
    known, unproven = await end_customer(desk.room), await verified(desk.room)
    answers = [
        await sign_in(desk.room, known.email, "not the right password"),
        await sign_in(desk.room, fresh_address(), PASSWORD),
        await sign_in(desk.room, unproven.email, PASSWORD),
        await sign_in(desk.room, known.email, PASSWORD, brand="carri"),
    ]
    assert len({repr(told(answer)) for answer in answers}) == 1
    assert (answers[0].status_code, answers[0].json()["code"]) == (401, "sign-in-failed")
    assert (await sign_in(desk.room, known.email.upper(), PASSWORD)).status_code == 201


@pytest.mark.requirement("REG-05")
@pytest.mark.parametrize("has_account", [True, False])
async def test_failures_lock_an_address_longer_each_time_with_or_without_an_account(desk, has_account) -> None:
    email = (await settled(desk.room)).email if has_account else fresh_address()
    for _ in range(5):
        assert (await sign_in(desk.room, email, "wrong")).status_code == 401
    for lock in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        locked = await sign_in(desk.room, email, PASSWORD)
        assert (locked.status_code, locked.json()["code"]) == (429, "try-later")
        assert locked.headers["retry-after"] == str(lock)
        desk.room.clock.advance(timedelta(seconds=lock))
        assert (await sign_in(desk.room, email, "wrong")).status_code == 401


@pytest.mark.requirement("REG-05")
async def test_a_success_forgives_the_failures_before_it(desk) -> None:
    somebody = await settled(desk.room)
    for _ in range(3):
        for _ in range(4):
            assert (await sign_in(desk.room, somebody.email, "wrong")).status_code == 401
        assert (await sign_in(desk.room, somebody.email)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_a_hundred_parallel_wrong_passwords_lock_exactly(desk) -> None:
    somebody = await settled(desk.room)
    answers = await asyncio.gather(*(sign_in(desk.room, somebody.email, "wrong") for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 95
    assert (await sign_in(desk.room, somebody.email)).status_code == 429
    desk.room.clock.advance(timedelta(minutes=1))
    assert (await sign_in(desk.room, somebody.email)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_a_refresh_token_is_good_once_and_its_late_reuse_ends_the_session(desk) -> None:
    somebody = await settled(desk.room)
    first = somebody.tokens["refresh_token"]
    second = (await somebody.refresh()).tokens["refresh_token"]
    assert first != second
    desk.room.clock.advance(timedelta(seconds=11))
    stolen = await refresh(desk, first)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh-failed")
    assert (await refresh(desk, second)).status_code == 401
    assert (await sign_in(desk.room, somebody.email)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_a_double_click_on_refresh_is_forgiven_once(desk) -> None:
    somebody = await settled(desk.room)
    token = somebody.tokens["refresh_token"]
    twice = await asyncio.gather(refresh(desk, token), refresh(desk, token))
    assert [answer.status_code for answer in twice] == [200, 200]
    for answer in twice:
        assert (await refresh(desk, answer.json()["refresh_token"])).status_code == 200
    assert (await refresh(desk, token)).status_code == 401


@pytest.mark.requirement("REG-05")
async def test_twenty_parallel_refreshes_of_one_token_end_its_session(desk) -> None:
    somebody = await settled(desk.room)
    answers = await asyncio.gather(*(refresh(desk, somebody.tokens["refresh_token"]) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, 200] + [401] * 18
    for answer in answers[:20]:
        if answer.status_code == 200:
            assert (await refresh(desk, answer.json()["refresh_token"])).status_code == 401


@pytest.mark.requirement("REG-05")
async def test_a_session_ends_thirty_days_after_its_last_refresh(desk) -> None:
    somebody = await settled(desk.room)
    desk.room.clock.advance(timedelta(days=30) - timedelta(seconds=1))
    await somebody.refresh()
    desk.room.clock.advance(timedelta(days=30) - timedelta(seconds=1))
    await somebody.refresh()
    desk.room.clock.advance(timedelta(days=30))
    assert (await refresh(desk, somebody.tokens["refresh_token"])).status_code == 401


@pytest.mark.requirement("REG-05")
async def test_signing_out_ends_this_session_and_no_other(desk) -> None:
    here = await settled(desk.room)
    there = (await sign_in(desk.room, here.email)).json()["refresh_token"]
    token = here.tokens["refresh_token"]
    out = [await desk.room.client.post("/sessions/logout", json={"refresh_token": one}) for one in (token, "unknown")]
    assert [(answer.status_code, answer.json()) for answer in out] == [(200, {"done": True})] * 2
    assert (await refresh(desk, token)).status_code == 401
    assert (await refresh(desk, there)).status_code == 200


@pytest.mark.requirement("REG-05")
async def test_answers_with_tokens_are_stored_nowhere_on_their_way(desk) -> None:
    somebody = await settled(desk.room)
    answer = await sign_in(desk.room, somebody.email)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.requirement("REG-05")
async def test_without_a_key_nobody_signs_in_and_the_answer_says_why(desk) -> None:
    app = desk.room.client._transport.app
    settings = app.state.settings
    try:
        app.state.settings = settings.model_copy(update={"signing_key": None})
        answers = [await sign_in(desk.room, fresh_address()), await desk.room.client.get("/.well-known/jwks.json")]
    finally:
        app.state.settings = settings
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "sign-in-off")] * 2


@pytest.mark.requirement("REG-05")
async def test_a_key_that_could_not_be_read_is_read_when_it_is_there(desk, tmp_path) -> None:
    app, key = desk.room.app, tmp_path / "signing.json"
    settings = app.state.settings
    somebody = await settled(desk.room)
    try:
        app.state.settings = settings.model_copy(update={"signing_key": key})
        assert (await sign_in(desk.room, somebody.email)).json()["code"] == "sign-in-off"
        key.write_bytes(settings.signing_key.read_bytes())
        assert (await sign_in(desk.room, somebody.email)).status_code == 201
    finally:
        app.state.settings = settings


@pytest.mark.requirement("REG-05", "ALL-06")
async def test_a_key_whose_signatures_nobody_accepts_signs_nothing_and_ends_the_start(desk, tmp_path) -> None:
    own, other = ECKey.generate_key("P-256", {"kid": "own"}), ECKey.generate_key("P-256", {"kid": "own"})
    write_signing_key(own, tmp_path / "signing.json")
    paths = {"signing_key": tmp_path / "signing.json", "token_keys": tmp_path / "keys.json"}
    told = {"database_url": "postgresql://", "kafka": "127.0.0.1:9", "environment": "test", **paths}
    RegistrationSettings(**told)  # the key sets may come later
    write_keys(other, paths["token_keys"])
    with pytest.raises(ValidationError, match=r"AFTERCARE_SIGNING_KEY: nobody would accept what .* signs"):
        RegistrationSettings(**told)
    app = desk.room.app
    settings = app.state.settings
    try:
        app.state.settings = settings.model_copy(update=paths)
        assert (await sign_in(desk.room, fresh_address())).json()["code"] == "sign-in-off"
        write_keys(own, paths["token_keys"])
        assert RegistrationSettings(**told).signing_key == paths["signing_key"]
        assert (await sign_in(desk.room, fresh_address())).status_code == 401
    finally:
        app.state.settings = settings


@pytest.mark.requirement("REG-05")
async def test_a_session_ends_after_180_days_however_often_it_is_refreshed(desk) -> None:
    somebody = await settled(desk.room)
    for _ in range(7):
        desk.room.clock.advance(timedelta(days=25))
        await somebody.refresh()
    desk.room.clock.advance(timedelta(days=5) - timedelta(seconds=1))
    await somebody.refresh()
    desk.room.clock.advance(timedelta(seconds=1))
    assert (await refresh(desk, somebody.tokens["refresh_token"])).status_code == 401


@pytest.mark.requirement("REG-05")
async def test_used_refresh_tokens_are_forgotten_after_a_day_and_their_reuse_ends_the_session_all_the_same(
    desk,
) -> None:
    somebody = await settled(desk.room)
    first = somebody.tokens["refresh_token"]
    for _ in range(3):
        await somebody.refresh()
    desk.room.clock.advance(timedelta(days=1, seconds=1))
    await forget(desk.room.database)
    kept = "SELECT count(*) FROM refresh_tokens JOIN sessions USING (session_id) WHERE account_id = $1::text::uuid"
    assert await desk.room.database.pool.fetchval(kept, somebody.account_id) == 1
    await somebody.refresh()
    assert (await refresh(desk, "x" * 44)).status_code == 401
    await somebody.refresh()
    assert (await refresh(desk, first)).status_code == 401
    assert (await refresh(desk, somebody.tokens["refresh_token"])).status_code == 401

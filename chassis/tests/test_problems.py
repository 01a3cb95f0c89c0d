"""Bad requests get an answer that names field, value and what would be accepted, in the reader's language."""

import asyncio

import orjson
import pytest
from fastapi import APIRouter
from tests.support.rooms import open_room
from tests.support.tokens import signed_token
from tests.support.toy import TOY

from chassis.http.context import BODY_LIMIT
from chassis.http.problems import phrase, refusal_of
from chassis.service import Service
from chassis.transact import Refusal

ACME = {"brand": "acme", "serial": "S-1", "number": 7}
LANGUAGES = ("en", "fr", "nl")


def headers_of(room, **more):
    return {"Authorization": f"Bearer {signed_token(room.key)}", "Idempotency-Key": "k", **more}


async def send(room, content: bytes, **more):
    return await room.client.post(
        "/invoices", content=content, headers=headers_of(room, **{"Content-Type": "application/json", **more})
    )


async def nothing_changed(room) -> bool:
    tables = ("invoice", "outbox", "idempotency")
    return [await room.database.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables] == [0, 0, 0]


WRONG_FIELDS = [
    ({**ACME, "serial": 5}, "/serial", 5, None),
    ({**ACME, "serial": ""}, "/serial", "", 1),
    ({**ACME, "serial": "s_1"}, "/serial", "s_1", "^[A-Z0-9-]+$"),
    ({**ACME, "serial": "S" * 41}, "/serial", "S" * 41, 40),
    ({**ACME, "number": 0}, "/number", 0, 1),
    ({**ACME, "number": 1_000_000}, "/number", 1_000_000, 1000),
    ({**ACME, "number": "many"}, "/number", "many", None),
    ({**ACME, "number": None}, "/number", None, None),
    ({**ACME, "number": 10**30}, "/number", str(10**30), 1000),
    ({"serial": "S-1", "number": 7}, "/brand", None, None),
    ({**ACME, "colour": "red"}, "/colour", "red", None),
    ({**ACME, "a/b~c": 1}, "/a~1b~0c", 1, None),
    ({**ACME, "brand": "nobody"}, "/brand", "nobody", ["acme", "dynabook"]),
    ({**ACME, "text": "a\x00b"}, "/text", None, None),
    ([ACME], "", "[{'brand': 'acme', 'serial': 'S-1', 'number': 7}]", None),
    ("S-1", "", "S-1", None),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("body", "pointer", "value", "accepted"), WRONG_FIELDS)
@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_a_wrong_field_is_named_with_its_value_and_what_is_accepted(
    room, body, pointer, value, accepted, language
):
    answer = await room.post("/invoices", body, language=language)
    said = answer.json()
    assert answer.status_code == said["status"] == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == language
    assert said["type"] == f"urn:aftercare:problem:{said['code']}"
    assert said["correlation_id"] == answer.headers["X-Request-Id"]
    [error] = said["errors"]
    assert (error["pointer"], error["value"]) == (pointer, value)
    assert error.get("accepted") == accepted
    assert error["message"]
    assert await nothing_changed(room)


@pytest.mark.requirement("ALL-01")
async def test_every_field_at_fault_is_listed_at_once(room):
    said = (await room.post("/invoices", {"brand": 1, "serial": "", "colour": "red"})).json()
    assert {error["pointer"] for error in said["errors"]} == {"/brand", "/serial", "/number", "/colour"}


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{not json", 400, "body-not-json"),
        (b"", 422, "fields-not-acceptable"),
        (b"\xff\xfe{}", 400, "body-not-json"),
        (b"[" * 200_000, 400, "not-readable"),
        (b'{"brand": "\\ud800", "serial": "\\ud800", "number": 7, "\\ud800": 1}', 422, "fields-not-acceptable"),
        (b'{"brand": "acme", "serial": "S-1", "number": NaN}', 422, "fields-not-acceptable"),
        (b'{"brand": "acme", "serial": "S-1", "number": 1' + b"0" * 5000 + b"}", 400, "not-readable"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.requirement("ALL-01")
async def test_a_body_that_is_no_command_is_refused_and_never_an_error_of_ours(room, content, status, code, language):
    answer = await send(room, content, **{"Accept-Language": language})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert await nothing_changed(room)


async def test_a_body_without_the_json_media_type_is_refused_as_a_whole(room):
    answer = await send(room, orjson.dumps(ACME), **{"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "")


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.requirement("ALL-01")
async def test_a_body_of_ten_megabytes_is_refused_without_reading_it_whole(room, declared):
    taken = 0

    async def chunks():
        nonlocal taken
        for _ in range(160):
            taken += 65_536
            yield b"x" * 65_536

    length = {"Content-Length": str(160 * 65_536)} if declared else {}
    answer = await room.client.post("/invoices", content=chunks(), headers=headers_of(room, **length))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert str(BODY_LIMIT) in answer.json()["detail"]
    assert taken <= (65_536 if declared else BODY_LIMIT + 2 * 65_536)


GENERIC = [
    ("GET", "/nowhere", {}, 404, "not-found"),
    ("GET", "/invoices/S-9", {}, 404, "not-found"),
    ("PUT", "/invoices", {}, 405, "method-not-allowed"),
    ("POST", "/invoices", {"Idempotency-Key": ""}, 400, "idempotency-key-missing"),
    ("POST", "/invoices", {"Idempotency-Key": "k" * 300}, 400, "idempotency-key-too-long"),
    ("POST", "/invoices", {"Authorization": ""}, 401, "token-missing"),
    ("POST", "/invoices", {"Authorization": "Bearer nonsense"}, 401, "token-invalid"),
    ("GET", "/invoices/S-1?number=%00", {}, 422, "nul-in-text"),
    ("GET", "/invoices/%00", {}, 422, "nul-in-text"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("method", "path", "headers", "status", "code"), GENERIC)
@pytest.mark.requirement("ALL-01")
async def test_each_generic_refusal_has_its_code_and_a_text_in_the_reader_s_language(
    room, method, path, headers, status, code, language
):
    answer = await room.client.request(
        method, path, json=ACME, headers=headers_of(room, **{"Accept-Language": language, **headers})
    )
    said = answer.json()
    assert (answer.status_code, said["code"], said["status"]) == (status, code, status)
    english = (
        await room.client.request(
            method, path, json=ACME, headers=headers_of(room, **{"Accept-Language": "en", **headers})
        )
    ).json()
    assert (said["title"] == english["title"]) == (language == "en")
    assert said["detail"] not in ("", "detail", code)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("fr-BE, en;q=0.5", "fr"), ("de, nl;q=0.9, fr;q=0.3", "nl"), ("fr;q=0.2,en;q=0.7", "en"), ("de", "en"), ("", "en"),
     ("*", "en"), ("fr; q=0.75, nl; q=0.8", "nl"), (";;;,,q=", "en")],
)  # fmt: skip
async def test_the_language_that_the_reader_likes_best_is_spoken(room, wanted, language):
    answer = await room.client.get("/nowhere", headers={"Accept-Language": wanted})
    assert answer.headers["Content-Language"] == language


@pytest.mark.requirement("ALL-01")
async def test_a_refusal_of_a_service_mentions_its_values_in_the_reader_s_language(room):
    await room.post("/invoices", ACME)
    said = (await room.post("/invoices", {**ACME, "number": 8}, language="nl")).json()
    assert (said["status"], said["code"], said["title"]) == (409, "already-invoiced", "Al gefactureerd")
    assert said["detail"] == "Het toestel S-1 heeft al een factuur; 8 wordt niet opgenomen."
    assert said["errors"] == [{"pointer": "/serial", "message": said["detail"], "value": "S-1"}]


async def test_a_long_value_is_shown_short(room):
    said = (await room.post("/invoices", {**ACME, "brand": "b" * 10_000})).json()
    assert len(said["detail"]) < 300
    assert said["errors"][0]["value"] == "b" * 100 + "…"


@pytest.mark.requirement("ALL-01", "ALL-04")
async def test_request_id_and_trace_are_taken_over_and_answered(room):
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    answer = await room.client.get("/nowhere", headers={"X-Request-Id": "story-7", "traceparent": trace})
    assert answer.headers["X-Request-Id"] == answer.json()["correlation_id"] == "story-7"
    assert answer.headers["traceparent"].startswith(f"00-{'a' * 32}-")
    foreign = await room.client.get("/nowhere", headers={"X-Request-Id": "a b\x7f" * 50, "traceparent": "nonsense"})
    assert foreign.headers["X-Request-Id"] != "a b\x7f" * 50
    assert len(foreign.headers["traceparent"]) == 55


async def test_a_bug_is_answered_with_500_ids_and_nothing_of_the_inside(postgres):
    router = APIRouter()

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password of the database: 1234")

    service = Service("credits", TOY.policies, (router,), (), package="tests.support.toy")
    async with open_room(service, postgres) as room:
        answer = await room.client.get("/broken", headers={"X-Request-Id": "story-8", "Accept-Language": "fr"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.headers["X-Request-Id"] == answer.json()["correlation_id"] == "story-8"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "password" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_without_its_database_a_service_says_503_and_when_to_come_back_and_works_again_afterwards(mortal_room):
    room, server = mortal_room
    await asyncio.to_thread(server.stop_immediately)
    answers = [await room.post("/invoices", ACME, key="order-1"), await room.get("/invoices/S-1")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "try-again-later")
        assert answer.headers["Retry-After"] == "2"
    await asyncio.to_thread(server.start)
    assert (await room.post("/invoices", ACME, key="order-1")).status_code == 201


def test_one_refusal_among_several_is_phrased_for_its_reader_with_value_and_what_would_be_accepted() -> None:
    refusal = Refusal("brand-unknown", 422, "/brand", "toshiba", ["carri", "ibm"])
    told = phrase("chassis.http", "nl", refusal)
    assert (told.code, told.pointer, told.value, told.accepted) == (
        "brand-unknown",
        "/brand",
        "toshiba",
        ["carri", "ibm"],
    )
    assert "toshiba" in told.detail
    assert "carri, ibm" in told.detail
    assert told.title != phrase("chassis.http", "fr", refusal).title


def test_a_mistake_in_a_field_becomes_a_refusal_that_can_be_phrased_later() -> None:
    error = {"type": "string_too_long", "loc": ("body", "a/b", 0), "msg": "…", "input": "xxx", "ctx": {"max_length": 2}}
    refusal = refusal_of(error)
    assert (refusal.code, refusal.pointer, refusal.value, refusal.accepted) == (
        "field-string-too-long",
        "/a~1b/0",
        "xxx",
        2,
    )
    assert "2" in phrase("chassis.http", "fr", refusal).detail
    strange = refusal_of(
        {"type": "never_heard_of", "loc": ("x",), "msg": "Odd", "input": 1, "ctx": {"error": ValueError()}}
    )
    assert (strange.code, strange.details) == ("field-other", {"reason": "Odd"})

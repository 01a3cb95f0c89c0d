"""A code leaves activation by the outbox only: it is in no table, no log line, no answer; and repeating is safe."""

import asyncio
import base64
import hashlib
import json
from uuid import uuid4

import pytest

from .asking import THERE, a_code, presented, redeemed, refused, someone


async def places(room, needle):
    """Every table in whose rows a text stands, whatever the column's type."""
    tables = await room.database.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert len(tables) > 15
    found = []
    for (table,) in tables:
        rows = await room.database.pool.fetch(f'SELECT t::text AS row FROM "{table}" t')
        plain = " ".join(row["row"] for row in rows).lower()
        forms = {needle.lower(), needle.encode().hex(), hashlib.sha256(needle.encode()).hexdigest()}
        found += [table for form in forms if form in plain]
    return sorted(set(found))


@pytest.mark.requirement("ACT-02", "ALL-05")
async def test_the_code_is_in_no_table_once_the_outbox_was_taken(room):
    person = await someone(room)
    item = person.item(await person.product(), product_address=THERE)
    wrong = person.item(await person.product(), terms_version=None)
    request = await person.ask(item, wrong)
    assert await places(room, item["code"]) == ["outbox"]
    assert await places(room, wrong["code"]) == []
    (code,) = await presented(room)
    assert await places(room, item["code"]) == []
    await room.hear(redeemed(code))
    await room.said()
    assert await places(room, item["code"]) == []
    assert await places(room, request["items"][0]["serial"]) != []  # the search does find what is there


@pytest.mark.requirement("ACT-02", "ALL-01")
async def test_no_digest_in_the_database_lets_a_code_be_found_by_trying(room):
    person = await someone(room)
    item, key = person.item(await person.product()), str(uuid4())
    await person.ask(item, key=key)
    body = json.dumps({"brand": "d-link", "items": [item]}, separators=(",", ":"))
    fingerprint = await room.database.pool.fetchval("SELECT fingerprint FROM idempotency WHERE key = $1", key)
    path = "/activation-requests\n"
    assert fingerprint != hashlib.sha256(f"{path}{body}".encode()).digest()
    trace = hashlib.sha256(item["code"].encode()).hexdigest()[:4]  # sixteen bits of forty-six
    kept = body.replace(item["code"], trace)
    assert fingerprint == hashlib.sha256(f"{path}{kept}".encode()).digest()


@pytest.mark.requirement("ACT-02", "ALL-05")
async def test_the_code_is_in_no_log_line_and_in_no_answer(room, capsys, caplog):
    person = await someone(room)
    product, code = await person.product(), a_code()
    item = person.item(product, code=code)
    answers = [await person.post("/activation-requests", {"brand": "d-link", "items": [item]})]
    for body in (
        {"brand": "nobody", "items": [item]},
        {"brand": "d-link", "items": [item] * 51},
        {"brand": "d-link", "items": [{**item, "site_number": None}]},
        {"brand": "d-link", "items": [{**item, "colour": "red"}]},
        {"brand": "d-link", "items": [{**item, "purchased_on": "yesterday"}]},
        {"brand": "d-link", "items": {"0": item}},
        {"brand": "d-link", "items": [{**item, "code": [code]}]},
        {"brand": "d-link", "items": [{**item, "code": {"is": code}}]},
        {"brand": "d-link", "items": [{**item, "certificate": code}]},
        {"brand": code, "items": "none", "why": code},
    ):
        answers.append(await person.post("/activation-requests", body))
    await room.hear(refused((await presented(room))[0], "unknown"))
    answers.append(await person.get("/activation-requests"))
    assert [answer.status_code for answer in answers] == [202, 422, 422, 422, 422, 202, *[422] * 5, 200]
    assert [answer.text for answer in answers if code in answer.text] == []
    assert code not in "".join(capsys.readouterr()) + caplog.text


@pytest.mark.requirement("ACT-02", "ALL-05")
async def test_the_code_is_in_no_log_line_when_the_database_refuses_its_row(room, capsys, caplog):
    person = await someone(room)
    item = person.item(await person.product())
    refuse = "ALTER TABLE outbox ADD CONSTRAINT closed CHECK (topic <> 'activation-codes')"
    await room.database.pool.execute(refuse)
    try:
        answer = await person.post("/activation-requests", {"brand": "d-link", "items": [item]})
    finally:
        await room.database.pool.execute("ALTER TABLE outbox DROP CONSTRAINT closed")
    written = "".join(capsys.readouterr()) + caplog.text
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "CheckViolationError" in written
    forms = (item["code"], item["code"].encode().hex(), base64.b64encode(item["code"].encode()).decode()[:12])
    assert [form for form in forms if form in written + answer.text] == []


@pytest.mark.requirement("ACT-02")
@pytest.mark.parametrize("code", ["", " ", "ab", "A B C D", "x" * 65, "é" * 12, "DL\x00K7Q", "DL\nK7Q3MXT9"])
async def test_what_cannot_be_a_code_is_said_without_repeating_it(room, code):
    person = await someone(room)
    (item,) = (await person.ask(person.item(await person.product(), code=code)))["items"]
    problem = item["problem"]
    assert (problem["code"], problem["pointer"], problem["value"]) == ("code-malformed", "/items/0/code", None)
    assert await presented(room) == []


@pytest.mark.requirement("ALL-01")
async def test_the_same_request_again_gets_the_same_answer_and_presents_nothing_more(room):
    person = await someone(room)
    body = {"brand": "d-link", "items": [person.item(await person.product())]}
    first = await person.post("/activation-requests", body, key="once-more")
    again = await person.post("/activation-requests", body, key="once-more")
    assert (again.status_code, again.text) == (202, first.text)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert len(await presented(room)) == 1
    other = {"brand": "d-link", "items": [{**body["items"][0], "code": a_code()}]}
    reused = await person.post("/activation-requests", other, key="once-more")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.requirement("ALL-01")
async def test_the_same_request_sent_twenty_times_at_once_is_one_request(room):
    person = await someone(room)
    body = {"brand": "d-link", "items": [person.item(await person.product())]}
    key = str(uuid4())
    answers = await asyncio.gather(*(person.post("/activation-requests", body, key=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.text for answer in answers if answer.status_code == 202}) == 1
    assert len(await presented(room)) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"purchased_on": "20-11-2026"}, "/items/0/purchased_on", "field-date-from-datetime-parsing"),
        ({"purchased_on": "1700000000"}, "/items/0/purchased_on", "field-date-from-datetime-parsing"),
        ({"purchased_on": "1989-12-31"}, "/items/0/purchased_on", "field-greater-than-equal"),
        ({"product_id": "42"}, "/items/0/product_id", "field-uuid-parsing"),
        ({"product_id": None}, "/items/0/serial", "product-not-named"),
        ({"product_id": None, "serial": ""}, "/items/0/serial", "field-string-too-short"),
        ({"service_reference": "DAS A"}, "/items/0/service_reference", "field-string-pattern-mismatch"),
        ({"site_number": ""}, "/items/0/site_number", "field-string-too-short"),
        ({"terms_version": "x" * 41}, "/items/0/terms_version", "field-string-too-long"),
        (
            {"product_address": {"street": "Rue Haute 1", "city": "Mons", "country": "Belgium"}},
            "/items/0/product_address/country",
            "field-string-pattern-mismatch",
        ),
    ],
)
async def test_a_field_that_cannot_be_read_is_named_in_its_items_own_outcome(room, changes, pointer, code):
    person = await someone(room)
    good, bad = await person.product(), await person.product()
    request = await person.ask(person.item(bad, **changes), person.item(good))
    assert [item["state"] for item in request["items"]] == ["refused", "presented"]
    problem = request["items"][0]["problem"]
    assert (problem["pointer"], problem["code"]) == (pointer, code)
    assert problem["detail"] not in ("", code)


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"brand": "d-link", "items": []}, 422, "fields-not-acceptable", "/items"),
        ({"brand": "nobody", "items": [{}]}, 422, "fields-not-acceptable", "/items/0/service_reference"),
        ({"items": []}, 422, "fields-not-acceptable", "/brand"),
        ({"brand": "d-link", "items": [], "terms": []}, 422, "fields-not-acceptable", "/items"),
    ],
)
async def test_a_request_that_is_no_request_names_the_field(room, body, status, code, pointer):
    answer = await room.post("/activation-requests", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_token_for_one_brand_asks_for_nothing_of_another(room):
    person = await someone(room)
    body = {"brand": "d-link", "items": [person.item(await person.product())]}
    answer = await room.post("/activation-requests", body, claims={**person.claims, "brand": "ibm"})
    assert (answer.status_code, answer.json()["code"]) == (403, "brand-not-yours")
    without = await room.post("/activation-requests", body, scopes=["activations:read"], claims=person.claims)
    assert (without.status_code, without.json()["code"]) == (403, "scope-missing")

"""What is refused leaves no event and no row; the answer names field, value and what would be accepted (ALL-01)."""

import json
import time
from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.test_order_to_credit import journey_of
from tests.support.stack_of_services import Stack
from tests.support.tokens import signed_token

from aftercare_local.demo.watch import Watch

BUYER: Final = {"name": "A", "email": "a@example.org", "language": "nl"}
ORDER: Final = {
    "brand": "dynabook",
    "case_number": "BAD-1",
    "service_reference": "PPCP013FR-VGAD",
    "quantity": 3,
    "buyer": BUYER,
}
UNIT: Final = {
    "brand": "dynabook",
    "certificate": "FC00000000",
    "serial": "9H0000001X",
    "model": "PT5B1E-0K601",
    "purchased_on": "2026-11-01",
    "customer": BUYER,
}
BAD: Final = [
    ("unknown brand", "/orders", {**ORDER, "brand": "nobody"}, 422, "/brand"),
    ("unknown offer", "/orders", {**ORDER, "service_reference": "NONE-1"}, 422, "/service_reference"),
    ("quantity of nothing", "/orders", {**ORDER, "quantity": 0}, 422, "/quantity"),
    ("quantity of a million", "/orders", {**ORDER, "quantity": 1_000_000}, 422, "/quantity"),
    ("quantity as text", "/orders", {**ORDER, "quantity": "three"}, 422, "/quantity"),
    ("unknown field", "/orders", {**ORDER, "colour": "red"}, 422, "/colour"),
    ("missing field", "/orders", {key: ORDER[key] for key in ORDER if key != "buyer"}, 422, "/buyer"),
    ("no mail address", "/orders", {**ORDER, "buyer": {**BUYER, "email": "nowhere"}}, 422, "/buyer/email"),
    ("no language of ours", "/orders", {**ORDER, "buyer": {**BUYER, "language": "xx"}}, 422, "/buyer/language"),
    ("not an object", "/orders", [ORDER], 422, ""),
    ("unknown certificate", "/registrations", UNIT, 422, "/certificate"),
    ("malformed serial", "/registrations", {**UNIT, "serial": "9HS000001X"}, 422, "/serial"),
    ("no date", "/registrations", {**UNIT, "purchased_on": "yesterday"}, 422, "/purchased_on"),
]


async def traces(stack: Stack) -> dict[str, int]:
    """Rows of every table of registration; for the outbox, which empties itself, how many it ever had."""
    connection = await asyncpg.connect(stack.database_url("registration"))
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {table["tablename"] for table in tables} - {"outbox"}
        counted = {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}
        return {**counted, "outbox": await connection.fetchval("SELECT last_value FROM outbox_id_seq")}
    finally:
        await connection.close()


@pytest.mark.requirement("ALL-01", "ALL-02")
@pytest.mark.parametrize(("what", "path", "body", "status", "pointer"), BAD, ids=[case[0] for case in BAD])
async def test_bad_input_is_refused_by_name_and_leaves_nothing(
    stack: Stack, what: str, path: str, body: Any, status: int, pointer: str
) -> None:
    before = await traces(stack)
    answer = await stack.post("registration", path, body, headers={"Accept-Language": "nl"})
    said = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), said
    assert answer.headers["content-language"] == "nl"
    assert pointer in [error["pointer"] for error in said["errors"]], f"{what}: {said}"
    assert await traces(stack) == before


@pytest.mark.requirement("REG-09")
async def test_an_exhausted_certificate_is_refused_with_a_clear_reason(stack: Stack, watch: Watch) -> None:
    first, second = journey_of(stack, watch, PLAYED[0]), journey_of(stack, watch, PLAYED[0])
    certificate = await first.order(1)
    await first.register(certificate)
    await watch.event("service.activated.v1", serial=first.serial)
    body = {**UNIT, "certificate": certificate, "serial": second.serial, "customer": second.owner}
    answer = await stack.post("registration", "/registrations", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate-exhausted")
    assert answer.json()["errors"][0]["pointer"] == "/certificate"
    assert watch.heard("product.registered.v1", serial=second.serial) == []


@pytest.mark.requirement("ALL-01", "ALL-06")
async def test_without_key_or_with_a_wrong_token_nothing_is_taken(stack: Stack) -> None:
    url, body = stack.url("registration") + "/orders", json.dumps(ORDER).encode()
    good = {"Authorization": f"Bearer {stack.token}", "Content-Type": "application/json"}
    key = {"Idempotency-Key": str(uuid4())}
    expired = signed_token(stack._key, exp=int(time.time()) - 3600)
    forged = stack.token[:-8] + ("A" * 8)
    cases = [
        (good, 400, "idempotency-key-missing"),
        ({**key, "Content-Type": "application/json"}, 401, "token-missing"),
        ({**good, **key, "Authorization": f"Bearer {expired}"}, 401, "token-expired"),
        ({**good, **key, "Authorization": f"Bearer {forged}"}, 401, "token-invalid"),
    ]
    before = await traces(stack)
    for headers, status, code in cases:
        answer = await stack.client.post(url, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    big = await stack.client.post(url, content=b" " * 10_000_000, headers={**good, **key})
    assert (big.status_code, big.json()["code"]) == (413, "body-too-large")
    assert await traces(stack) == before


@pytest.mark.requirement("ALL-01")
async def test_a_reused_key_gives_the_same_answer_and_refuses_another_body(stack: Stack) -> None:
    key, body = str(uuid4()), {**ORDER, "case_number": str(uuid4())}
    first = await stack.post("registration", "/orders", body, key)
    again = await stack.post("registration", "/orders", body, key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await stack.post("registration", "/orders", {**body, "quantity": 4}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")

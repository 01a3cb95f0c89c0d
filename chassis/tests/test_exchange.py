"""Commands whose answers are secrets, tries that count, and tokens that are good for one brand (ALL-01, ALL-06)."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from tests.support.rooms import Room

from chassis.database import Cause, Tx
from chassis.http.app import build_app
from chassis.http.commands import Run, exchange
from chassis.transact import Accepted, Refusal, attempt

router = APIRouter()


class Try(BaseModel):
    """One guess."""

    serial: str
    number: int


class Secret(BaseModel):
    """What nobody else may read."""

    secret: str


async def _note(command: Try, tx: Tx) -> None:
    await tx.execute(
        "INSERT INTO invoice (invoice_id, serial, number) VALUES (gen_random_uuid(), $1, $2)"
        " ON CONFLICT (serial) DO UPDATE SET number = invoice.number + 1",
        command.serial,
        command.number,
    )


async def guess(command: Try, tx: Tx) -> Accepted | Refusal:
    """Count a try; the number 7 is right."""
    await _note(command, tx)
    if command.number != 7:
        return Refusal("already-invoiced", 422, "/number", command.number, counted=command.number > 0)
    return Accepted(Secret(secret="open sesame"))


@router.post("/guesses", status_code=201)
async def post_guess(body: Try, run: Annotated[Run, Depends(exchange())]) -> Response:
    """Anybody may guess."""
    return await run(guess, body)


@router.post("/own-guesses", status_code=201)
async def post_own_guess(body: Try, run: Annotated[Run, Depends(exchange("guesses:write"))]) -> Response:
    """Those who may guess."""
    return await run(guess, body)


@pytest.fixture
async def door(room: Room) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app("credits", "tests.support.toy", (router,))
    toy = room.client._transport.app  # type: ignore[attr-defined]
    for name in ("database", "gate", "wake", "settings"):
        setattr(app.state, name, getattr(toy.state, name))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://room") as client:
        yield client


async def tries(room: Room, serial: str) -> int | None:
    return await room.database.pool.fetchval("SELECT number FROM invoice WHERE serial = $1", serial)


@pytest.mark.requirement("ALL-01")
async def test_an_answer_that_is_a_secret_is_kept_nowhere(room: Room, door: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await door.post("/guesses", json={"serial": "A1", "number": 7})
        assert (answer.status_code, answer.json()) == (201, {"secret": "open sesame"})
        assert answer.headers["cache-control"] == "no-store"
    assert await room.database.pool.fetchval("SELECT count(*) FROM idempotency") == 0


async def test_a_try_that_counts_stays_although_it_is_refused(room: Room, door: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await door.post("/guesses", json={"serial": "A2", "number": 1})).status_code == 422
    assert await tries(room, "A2") == 3


async def test_a_refusal_that_does_not_count_leaves_nothing(room: Room, door: httpx.AsyncClient) -> None:
    assert (await door.post("/guesses", json={"serial": "A3", "number": -1})).status_code == 422
    assert await tries(room, "A3") is None


@pytest.mark.requirement("ALL-06")
async def test_an_exchange_with_a_scope_asks_for_a_token(room: Room, door: httpx.AsyncClient) -> None:
    assert (await door.post("/own-guesses", json={"serial": "A4", "number": 7})).status_code == 401


@pytest.mark.requirement("ALL-06")
async def test_a_token_of_one_brand_sends_no_command_of_another(room: Room) -> None:
    body = {"brand": "acme", "serial": "B1", "number": 1}
    told = (await room.post("/invoices", body, claims={"brand": "other"})).json()
    assert (told["status"], told["code"]) == (403, "brand-not-yours")
    assert told["errors"][0] | {"message": ""} == {
        "pointer": "/brand",
        "message": "",
        "value": "acme",
        "accepted": "other",
    }
    assert (await room.post("/invoices", body, claims={"brand": "acme"})).status_code == 201


@pytest.mark.requirement("ALL-06")
@pytest.mark.parametrize("claims", [{"organisation": "shop"}, {"contact": "7"}])
async def test_a_token_whose_ids_are_none_is_no_token(room: Room, claims: dict[str, str]) -> None:
    answer = await room.get("/invoices/B1", claims=claims)
    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")


async def test_of_several_attempts_in_a_transaction_only_the_refused_leave_nothing(room: Room) -> None:
    async with room.database.transaction(Cause("test")) as tx:
        outcomes = [await attempt(guess, Try(serial=f"C{number}", number=number), tx) for number in (7, 8, 7)]
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [True, False, True]
    assert (await tries(room, "C7"), await tries(room, "C8")) == (8, None)


async def test_an_attempt_that_fails_takes_back_its_own_work_only(room: Room) -> None:
    async def broken(command: Try, tx: Tx) -> Accepted | Refusal:
        await _note(command, tx)
        raise ZeroDivisionError

    async with room.database.transaction(Cause("test")) as tx:
        await _note(Try(serial="D1", number=1), tx)
        with pytest.raises(ZeroDivisionError):
            await attempt(broken, Try(serial="D2", number=1), tx)
    assert (await tries(room, "D1"), await tries(room, "D2")) == (1, None)

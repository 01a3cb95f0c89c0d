"""What anybody may ask without a token is limited for each address, and guessing costs more than asking."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, Final

import httpx
import pytest
from tests.support.operations import operations
from tests.support.people import end_customer, fresh_address, sign_in
from tests.support.rooms import Room
from tests.support.waiting import until

from event_schemas.registration_mail import VerificationRequested
from registration_service.accounts.line import HASHING, LONGEST

from .asking import PROXY, Asker, Tell
from .conftest import Desk

pytestmark = pytest.mark.requirement("REG-01", "REG-05", "REG-10", "REG-23")
NOBODY: Final = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f"
PASSWORD: Final = "four green ladders in a lake"
ADDRESSES: Final = count(1)


@dataclass(frozen=True)
class Try:
    """Something that fails, however often it is tried."""

    setting: str
    method: str
    path: str
    about: Callable[[], dict[str, Any]] = field(default=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def __call__(self, room: Room, address: str, forwarded: Sequence[str] = ()) -> Awaitable[httpx.Response]:
        return Asker(room, address, forwarded).ask(self.method, self.path, **self.about())


def body(**told: str) -> Callable[[], dict[str, Any]]:
    """A JSON body; an empty `email` is a fresh one each time."""
    return lambda: {"json": {**told, **({"email": fresh_address()} if "email" in told else {})}}


NEW: Final = {"password": PASSWORD, "password_confirmation": PASSWORD}
TRIES: Final = (
    Try("sign_ups_each", "POST", "/sign-ups", body(brand="dynabook", email="", language="de")),
    Try("resends_each", "POST", f"/sign-ups/{NOBODY}/resend"),
    Try("verifications_each", "GET", "/verification?token=unknown"),
    Try("verifications_each", "POST", "/verifications", body(sign_up_id=NOBODY, code="000000")),
    Try("sign_ins_each", "POST", "/sessions", body(brand="dynabook", email="", password="wrong")),
    Try("refreshes_each", "POST", "/sessions/refresh", body(refresh_token="unknown")),
    Try("refreshes_each", "POST", "/sessions/logout", body(token="unknown")),
    Try("password_resets_each", "POST", "/password-resets", body(brand="nobody", email="")),
    Try("password_resets_each", "GET", "/password-reset?token=unknown"),
    Try("password_resets_each", "POST", "/password-resets/completion", body(token="unknown", **NEW)),
    Try("registration_forms_each", "GET", "/registration-form?certificate=FCAAAAAAAAAA"),
    Try("warranty_checks_each", "GET", "/warranty-checks?brand=dynabook&serial=9H0000000Q"),
)
of_each = pytest.mark.parametrize("attempt", TRIES, ids=str)


def fresh_network() -> str:
    """An address that nobody else has."""
    number = next(ADDRESSES)
    return f"198.51.{number // 250}.{number % 250}"


async def spent(room: Room, attempt: Try, address: str) -> None:
    """Let an address use up a budget of ten: two that fail, five each."""
    seen = [(await attempt(room, address)).status_code for _ in range(2)]
    assert 429 not in seen


@of_each
async def test_an_address_that_fails_too_often_is_told_when_to_come_again(desk: Desk, tell: Tell, attempt: Try) -> None:
    tell(**{attempt.setting: 10})
    address = fresh_network()
    await spent(desk.room, attempt, address)
    refused = await attempt(desk.room, address)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests"), refused.text
    wait, policy = int(refused.headers["retry-after"]), refused.headers["ratelimit-policy"]
    assert refused.headers["content-type"] == "application/problem+json"
    assert (wait, policy) in ((30, '"address";q=10;w=60'), (1800, '"address";q=10;w=3600'))
    assert refused.headers["ratelimit"].startswith('"address";r=0;t=')
    desk.room.clock.advance(timedelta(seconds=wait))
    assert (await attempt(desk.room, address)).status_code != 429
    assert (await attempt(desk.room, address)).status_code == 429


@of_each
async def test_another_address_is_not_limited_and_a_header_makes_no_other_address(
    desk: Desk, tell: Tell, attempt: Try
) -> None:
    tell(**{attempt.setting: 10})
    address, other = fresh_network(), fresh_network()
    await spent(desk.room, attempt, address)
    forged = [["192.0.2.1"], ["192.0.2.2, 192.0.2.3"], ["192.0.2.4", PROXY]]
    answers = [await attempt(desk.room, address, values) for values in forged]
    answers.append(await attempt(desk.room, PROXY, [f"192.0.2.5, {address}"]))
    assert {answer.status_code for answer in answers} == {429}
    assert (await attempt(desk.room, other)).status_code != 429
    assert (await attempt(desk.room, PROXY, [f"{address}, {other}"])).status_code != 429


@of_each
async def test_the_budget_is_one_for_all_processes_and_there_is_one_for_each_purpose(
    desk: Desk, tell: Tell, another: Room, attempt: Try
) -> None:
    tell(**{attempt.setting: 10})
    another.app.state.settings = desk.room.app.state.settings
    address = fresh_network()
    assert (await attempt(desk.room, address)).status_code != 429
    assert (await attempt(another, address)).status_code != 429
    seen = [(await attempt(room, address)).status_code for room in (desk.room, another)]
    assert seen == [429, 429]
    others = [one for one in TRIES if one.setting != attempt.setting]
    assert 429 not in [(await one(another, address)).status_code for one in others]


async def test_what_is_good_costs_a_fifth(desk: Desk, tell: Tell) -> None:
    tell(sign_ups_each=10, registration_forms_each=10, sign_ins_each=10, refreshes_each=10)
    person, address = await end_customer(desk.room), fresh_network()
    asker = Asker(desk.room, address)
    number = (await desk.certificate()).certificate_number
    who = {"brand": "dynabook", "email": person.email, "password": "seven plums under a ladder"}

    async def signs_up() -> httpx.Response:
        told = {"brand": "dynabook", "email": fresh_address(), "language": "fr"}
        return await asker.ask("POST", "/sign-ups", json=told)

    deeds = {
        "signs up": signs_up,
        "signs in": lambda: asker.ask("POST", "/sessions", json=who),
        "signs out": lambda: asker.ask("POST", "/sessions/logout", json={"refresh_token": "unknown"}),
        "sees the form": lambda: asker.ask("GET", "/registration-form", params={"certificate": number}),
    }
    for name, deed in deeds.items():
        seen = [(await deed()).status_code for _ in range(12)]
        assert [status >= 400 for status in seen] == [False] * 10 + [True] * 2, name
    assert len([fact for fact in await desk.said() if isinstance(fact, VerificationRequested)]) == 10


async def test_a_shop_of_twenty_signs_up_and_in_within_a_minute_from_one_address(desk: Desk, tell: Tell) -> None:
    people = [await end_customer(desk.room) for _ in range(20)]
    typing_errors = [await sign_in(desk.room, one.email, "a typing error") for one in people[::4]]
    assert {answer.status_code for answer in typing_errors} == {401}
    for start in range(0, 20, 10):
        answers = await asyncio.gather(*(sign_in(desk.room, one.email) for one in people[start : start + 10]))
        assert {answer.status_code for answer in answers} == {201}


async def test_wrong_passwords_at_the_same_moment_get_no_more_than_one_after_the_other(desk: Desk, tell: Tell) -> None:
    tell(sign_ins_each=50, waiting_each=200)
    attempt = next(one for one in TRIES if one.path == "/sessions")
    address = fresh_network()
    answers = await asyncio.gather(*(attempt(desk.room, address) for _ in range(60)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 50


async def test_one_address_cannot_fill_the_queue_before_the_budgets(desk: Desk, tell: Tell) -> None:
    attempt, address = TRIES[0], fresh_network()
    async with desk.room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE allowances IN ACCESS EXCLUSIVE MODE")
        asked = [asyncio.create_task(_status(attempt(desk.room, address))) for _ in range(20)]
        await until(lambda: _done(asked, 4), "those above sixteen are told to wait")
        assert {task.result() for task in asked if task.done()} == {429}
    assert sorted(await asyncio.gather(*asked)) == [422] * 16 + [429] * 4


async def _status(answer: Awaitable[httpx.Response]) -> int:
    return (await answer).status_code


async def _done(tasks: Sequence["asyncio.Task[int]"], number: int) -> bool:
    return sum(task.done() for task in tasks) >= number


@pytest.mark.requirement("REG-05")
async def test_a_long_line_for_hashing_is_refused_and_leaves_the_commands_their_core(desk: Desk, tell: Tell) -> None:
    mailed = {"brand": "dynabook", "email": fresh_address()}
    told = {
        "/sign-ups": {**mailed, "language": "fr"},
        "/verifications": {"sign_up_id": NOBODY, "code": "000000"},
        "/sessions": {**mailed, "password": "wrong"},
        "/password-resets/completion": {**mailed, "code": "000000", **NEW},
    }
    asks = [partial(Asker(desk.room, fresh_network()).ask, "POST", path, json=said) for path, said in told.items()]
    open_ = threading.Event()
    line = [asyncio.create_task(HASHING.run(open_.wait)) for _ in range(LONGEST)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            answers = [await ask() for ask in asks]
        assert [one.status_code for one in answers] == [503] * 4
        assert {one.headers["retry-after"] for one in answers} == {"2"}
        since = time.perf_counter()
        assert (await desk.order()).status_code == 201
        assert time.perf_counter() - since < 2
    finally:
        open_.set()
        await asyncio.gather(*line)
    assert [(await ask()).status_code for ask in asks] == [202, 422, 401, 422]


def test_whatever_is_public_is_limited_and_says_so_or_is_the_same_for_everybody() -> None:
    same_for_everybody = {
        "GET /.well-known/jwks.json",
        "GET /brands",
        "GET /brands/{brand}",
        "GET /downtimes",
        "GET /dossiers/template",
    }
    public = [one for one in operations("registration") if one.scope is None]
    limited = {str(one): one.told["responses"]["429"] for one in public if "429" in one.told["responses"]}
    assert {str(one) for one in public} - limited.keys() == same_for_everybody
    tried = {str(one).partition("?")[0].replace(NOBODY, "{sign_up_id}") for one in TRIES}
    assert limited.keys() == tried
    for told in limited.values():
        assert told["headers"].keys() == {"RateLimit-Policy", "RateLimit", "Retry-After"}

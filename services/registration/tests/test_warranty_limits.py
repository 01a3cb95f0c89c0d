"""Guessing serial numbers does not pay: limits by address and in all, equal times, few connections (REG-23)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

import httpx
import pytest
from tests.support.rooms import Room
from tests.support.waiting import until

from registration_service.allowances.handlers import forget_addresses
from registration_service.allowances.turnstile import SHARE
from registration_service.warranty.floor import FLOOR_SECONDS

from .asking import PROXY, Asker, Tell
from .conftest import Desk

pytestmark = pytest.mark.requirement("REG-23")
MISS = 5


async def statuses(answers: Sequence[Awaitable[httpx.Response]]) -> list[int]:
    return [answer.status_code for answer in await asyncio.gather(*answers)]


def guess(number: int) -> str:
    return f"9H{number:07}Q"


async def test_one_address_that_guesses_gets_its_budget_and_no_more(desk: Desk, tell: Tell) -> None:
    attacker = Asker(desk.room)
    seen: list[int] = []
    for wave in range(10):
        seen += await statuses([attacker.check(guess(wave * 10 + number)) for number in range(10)])
    assert (seen.count(200), seen.count(429)) == (60 // MISS, 88)
    for minute in range(1, 6):
        desk.room.clock.advance(timedelta(minutes=1))
        seen += await statuses([attacker.check(guess(minute * 100 + number)) for number in range(15)])
        assert seen.count(200) == (minute + 1) * 60 // MISS, "a minute brings a minute's budget, however often one asks"


async def test_a_hundred_guesses_at_the_same_moment_get_no_more_than_one_after_the_other(
    desk: Desk, tell: Tell
) -> None:
    seen = await statuses([Asker(desk.room).check(guess(number)) for number in range(100)])
    assert 1 <= seen.count(200) <= 60 // MISS
    assert set(seen) == {200, 429}


async def test_a_thousand_addresses_that_guess_get_the_budget_of_all_and_no_more(desk: Desk, tell: Tell) -> None:
    tell(warranty_checks_in_all=1500)
    hosts = [f"198.{18 + number // 250}.0.{number % 250}" for number in range(1000)]
    seen: list[int] = []
    for start in range(0, 1000, 125):
        wave = [Asker(desk.room, PROXY, [host]) for host in hosts[start : start + 125]]
        seen += await statuses([one.check(guess(start + number)) for number, one in enumerate(wave)])
    assert seen.count(200) == 1500 // MISS
    assert set(seen) == {200, 429}


async def test_who_asks_a_few_times_is_served_while_another_address_guesses(desk: Desk, tell: Tell) -> None:
    serial = desk.serial()
    issued = await desk.certificate()
    assert (await desk.register(issued.certificate_number, serial=serial)).status_code == 201
    attacker, person = Asker(desk.room), Asker(desk.room, "203.0.113.99")
    stop = asyncio.Event()

    async def attack() -> list[int]:
        seen: list[int] = []
        while not stop.is_set():
            seen += await statuses([attacker.check(guess(number)) for number in range(40)])
        return seen

    attacking = asyncio.create_task(attack())
    asked = [serial, guess(1), serial, serial.lower(), guess(2), serial]
    answers = [await person.check(one) for one in asked]
    stop.set()
    assert [answer.status_code for answer in answers] == [200] * len(asked)
    assert [len(answer.json()["products"]) for answer in answers] == [1, 0, 1, 1, 0, 1]
    assert (await attacking).count(429) > 100


async def test_an_address_that_was_refused_hurts_nobody_else(desk: Desk, tell: Tell) -> None:
    tell(warranty_checks_in_all=100)
    for wave in range(10):
        await statuses([Asker(desk.room).check(guess(wave * 10 + number)) for number in range(10)])
    others = [Asker(desk.room, f"192.0.2.{number}") for number in range(8)]
    assert await statuses([one.check(guess(500)) for one in others]) == [200] * 8


async def test_hits_cost_one_and_misses_five_and_the_answer_says_what_is_left(desk: Desk, tell: Tell) -> None:
    serial = desk.serial()
    await desk.register((await desk.certificate()).certificate_number, serial=serial)
    person = Asker(desk.room)
    left = [(await person.check(one)).headers["ratelimit"] for one in (serial, serial, guess(1), serial)]
    assert left == ['"address";r=59;t=1', '"address";r=58;t=2', '"address";r=53;t=7', '"address";r=52;t=8']


async def test_a_refused_check_says_when_the_next_may_come_and_then_it_may(desk: Desk, tell: Tell) -> None:
    person = Asker(desk.room)
    await statuses([person.check(guess(number)) for number in range(12)])
    refused = await person.check(guess(13), language="nl")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.headers["retry-after"], refused.headers["ratelimit-policy"]) == ("5", '"address";q=60;w=60')
    assert "over 5 seconden" in refused.json()["detail"]
    desk.room.clock.advance(timedelta(seconds=5))
    assert (await person.check(guess(14))).status_code == 200


async def test_the_budget_is_one_for_all_processes_and_outlives_them(desk: Desk, tell: Tell, another: Room) -> None:
    await statuses([Asker(desk.room).check(guess(number)) for number in range(6)])
    seen = await statuses([Asker(another).check(guess(number)) for number in range(12)])
    assert seen.count(200) == 6


async def test_addresses_are_kept_as_hashes_of_the_day_and_forgotten_after_minutes(desk: Desk, tell: Tell) -> None:
    pool, clock = desk.room.database.pool, desk.room.clock
    person = Asker(desk.room)

    async def holders() -> set[bytes]:
        return {row["holder"] for row in await pool.fetch("SELECT holder FROM allowances WHERE holder <> ''")}

    await person.check(guess(1))
    [today] = await holders()
    assert bytes(map(int, person.address.split("."))) not in today
    assert person.address.encode() not in today
    await person.ask("GET", "/verification", params={"token": "unknown"})
    assert len(await holders()) == 2, "another purpose, another hash"
    clock.advance(timedelta(days=1))
    await person.check(guess(1))
    assert len(await holders()) == 3, "another day, another hash"
    stop = asyncio.Event()
    errand = asyncio.create_task(forget_addresses(desk.room.database, desk.room.app.state.settings, stop))
    await until(lambda: only(holders, 1), "the day before is forgotten")
    stop.set()
    await errand
    keys = await pool.fetch("SELECT valid_on FROM address_keys")
    assert [row["valid_on"] for row in keys] == [date(2026, 11, 23)]
    for table in ("allowances", "address_keys"):
        kind = await pool.fetchval("SELECT relpersistence FROM pg_class WHERE relname = $1", table)
        assert kind == b"u", "unlogged: in no backup and on no standby"


async def only(look: Callable[[], Awaitable[set[bytes]]], number: int) -> bool:
    return len(await look()) == number


async def test_a_header_that_no_trusted_proxy_wrote_changes_nothing(desk: Desk, tell: Tell) -> None:
    answers = [Asker(desk.room, forwarded=[f"192.0.2.{one}"]).check(guess(one)) for one in range(14)]
    assert (await statuses(answers)).count(200) == 12
    forged = [f"192.0.2.{one}, 198.51.100.1" for one in range(14)]
    answers = [Asker(desk.room, PROXY, [value]).check(guess(20 + one)) for one, value in enumerate(forged)]
    assert (await statuses(answers)).count(200) == 12, "what stands left of the nearest stranger is hearsay"


async def test_neighbours_in_one_ipv6_network_share_a_budget(desk: Desk, tell: Tell) -> None:
    seen = await statuses([Asker(desk.room, f"2001:db8:1:2::{one:x}").check(guess(one)) for one in range(1, 15)])
    assert seen.count(200) == 12
    assert (await Asker(desk.room, "2001:db8:1:3::1").check(guess(99))).status_code == 200


async def test_a_miss_takes_as_long_as_a_hit(desk: Desk, tell: Tell) -> None:
    tell(warranty_checks_each=10_000, warranty_checks_in_all=10_000)
    serial = desk.serial()
    issued = await desk.certificate(quantity=3)
    for model in ("PT5B1E-0K601", "PT5B1E-0K602", "PT5B1E-0K603"):
        assert (await desk.register(issued.certificate_number, serial=serial, model=model)).status_code == 201
    person = Asker(desk.room)

    async def seconds(asked: str) -> float:
        since = time.perf_counter()
        answer = await person.check(asked)
        assert answer.status_code == 200
        return time.perf_counter() - since

    hits: list[float] = []
    misses: list[float] = []
    wrong: list[float] = []
    for number in range(20):
        for times, took in zip(
            (hits, misses, wrong), await asyncio.gather(*map(seconds, (serial, guess(number), "S"))), strict=True
        ):
            times.append(took)
    assert min(*hits, *misses, *wrong) >= FLOOR_SECONDS
    for others in (misses, wrong):
        assert 0.97 < median(hits) / median(others) < 1.03


async def test_checks_that_wait_for_the_database_leave_the_commands_their_connections(desk: Desk, tell: Tell) -> None:
    async with desk.room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE allowances IN ACCESS EXCLUSIVE MODE")
        hosts = [f"192.0.2.{number}" for number in range(100)]
        checks = [asyncio.create_task(Asker(desk.room, PROXY, [host]).check(guess(1))) for host in hosts]
        most = desk.room.app.state.settings.database_connections // SHARE
        await until(lambda: stuck(connection, most), "as many checks as may wait for the locked table")
        since = time.perf_counter()
        assert (await desk.order()).status_code == 201
        assert time.perf_counter() - since < 2
        assert await stuck(connection, most), "no more of them, however many came"
        assert not any(check.done() for check in checks)
    assert {answer.status_code for answer in await asyncio.gather(*checks)} == {200}


async def stuck(connection: Any, number: int) -> bool:
    """Whether exactly so many sessions wait for a lock on the allowances."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'allowances'::regclass"
    return bool(await connection.fetchval(waiting) == number)


async def test_a_rush_that_nobody_can_serve_is_sent_away_at_once(desk: Desk, tell: Tell) -> None:
    async with desk.room.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE allowances IN ACCESS EXCLUSIVE MODE")
        hosts = [f"198.18.{number // 250}.{number % 250}" for number in range(220)]
        checks = [asyncio.create_task(Asker(desk.room, PROXY, [host]).check(guess(1))) for host in hosts]
        await until(lambda: done(checks, 20), "those for whom there is no place are told so")
        assert {check.result().status_code for check in checks if check.done()} == {503}
    answers = await asyncio.gather(*checks)
    assert [answer.status_code for answer in answers].count(503) == 20


async def done(checks: Sequence[asyncio.Task[httpx.Response]], number: int) -> bool:
    return sum(check.done() for check in checks) >= number

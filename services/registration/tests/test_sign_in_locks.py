"""What slows down guessing, however an address is spelled; and that hashing for one keeps nobody else out."""

import asyncio
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.people import PASSWORD, end_customer, fresh_address, profile, settled, sign_in, verified
from tests.support.rooms import Room
from tests.support.waiting import until

from chassis.database import Cause
from registration_service.accounts.line import LONGEST_OWN, OWN_HASHING
from registration_service.sessions import store
from registration_service.sessions.domain import Address

NEW = "four green ladders in a lake"
CHANGE = {"current_password": PASSWORD, "password": NEW, "password_confirmation": NEW}
LETTERS = "aAiI\u0130\u0131kK\u212asS\u017f\u00df\u1e9e\u00e9\u00c9\u01c4\u01c5\u01c6\u03c3\u03c2\u03a3\u0307"
"""Among them letters whose small ones are another's: the Turkish I, the Kelvin sign, the long s, the final sigma."""
LOCAL = st.text(LETTERS, min_size=1, max_size=4)


def respelled(local: str) -> st.SearchStrategy[str]:
    """The same letters in other cases, and letters that look like them."""
    alike = {one: [other for other in LETTERS if one.lower()[:1] == other.lower()[:1]] or [one] for one in LETTERS}
    return st.tuples(*(st.sampled_from(alike[one]) for one in local)).map("".join)


@pytest.mark.requirement("REG-05")
@settings(max_examples=150, deadline=None)
@given(pair=LOCAL.flatmap(lambda local: st.tuples(st.just(local), respelled(local))))
async def test_addresses_that_find_the_same_account_have_one_counter_and_others_have_their_own(
    room: Room, pair: tuple[str, str]
) -> None:
    one, other = (Address("dynabook", f"{local}@example.com") for local in pair)
    same = await room.database.pool.fetchval("SELECT lower($1::text) = lower($2::text)", one.email, other.email)
    async with room.database.transaction(Cause("")) as tx:
        await tx.execute("DELETE FROM sign_in_failures")
        await store.hold_failures(tx, one)
        await store.fail(tx, one, 3)
        failures, _ = await store.hold_failures(tx, other)
    assert failures == (3 if same else 0)


@pytest.mark.requirement("REG-05")
async def test_another_spelling_of_an_address_does_not_get_around_its_lock(desk) -> None:
    somebody = await settled(desk.room, fresh_address("iris.billing"))
    spelled = [somebody.email, somebody.email.replace("i", "\u0130"), somebody.email.upper()]
    spelled += [somebody.email.replace("s", "\u017f", 1), somebody.email.replace("i", "I", 1)]
    find = "SELECT count(*) FROM accounts WHERE lower(email) = lower($1)"
    same = [email for email in spelled if await desk.room.database.pool.fetchval(find, email)]
    assert len(same) >= 3
    for number in range(5):
        assert (await sign_in(desk.room, same[number % len(same)], "wrong")).status_code == 401
    assert {(await sign_in(desk.room, email)).status_code for email in same} == {429}


@pytest.mark.requirement("REG-05")
async def test_signing_in_and_changing_the_password_lock_in_one_order(desk) -> None:
    somebody, pool = await settled(desk.room), desk.room.database.pool
    await sign_in(desk.room, somebody.email, "wrong")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM accounts WHERE account_id = $1::text::uuid FOR UPDATE", somebody.account_id
        )
        waiting = asyncio.create_task(sign_in(desk.room, somebody.email, "wrong"))
        await until_somebody_waits(pool)
        # whoever waits for the account holds no failures yet, or the two would wait for each other
        await connection.execute("SELECT FROM sign_in_failures FOR UPDATE NOWAIT")
    assert (await waiting).status_code == 401


async def until_somebody_waits(pool) -> None:
    async def waits() -> bool:
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(await pool.fetchval(count))

    await until(waits, "a sign-in that waits for the account")


@pytest.mark.requirement("REG-02", "REG-05")
async def test_nothing_is_hashed_for_what_is_refused_anyway(desk) -> None:
    complete, fresh, locked = await end_customer(desk.room), await verified(desk.room), await settled(desk.room)
    for _ in range(5):
        await sign_in(desk.room, locked.email, "wrong")
    async with FullLine():
        again = await complete.post("/profile", profile())
        assert (again.status_code, again.json()["code"]) == (409, "profile-complete")
        common = await fresh.post("/profile", profile(password="password1234"))
        assert (common.status_code, common.json()["code"]) == (422, "password-common")
        shut = await locked.post("/password-changes", CHANGE)
        assert (shut.status_code, shut.json()["code"]) == (429, "try-later")
        same = await complete.post("/password-changes", {**CHANGE, "password_confirmation": "another"})
        assert (same.status_code, same.json()["code"]) == (422, "password-not-repeated")
        # and what would be hashed finds the line full, while whoever signs in has another
        assert (await fresh.post("/profile", profile())).status_code == 503
        assert (await sign_in(desk.room, complete.email)).status_code == 201
    assert (await fresh.post("/profile", profile())).status_code == 200


@pytest.mark.requirement("REG-05")
async def test_somebody_has_one_place_in_the_line_and_others_theirs(desk) -> None:
    somebody, other = await end_customer(desk.room), await end_customer(desk.room)
    wrong = {**CHANGE, "current_password": "wrong"}
    answers = await asyncio.gather(*(somebody.post("/password-changes", wrong) for _ in range(20)), other.sign_in())
    codes = [answer.status_code for answer in answers[:20]]
    assert set(codes) == {422, 429}
    refused = next(answer for answer in answers[:20] if answer.status_code == 429)
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("try-later", "1")


class FullLine:
    """The line of those who bring a token, full until the end."""

    async def __aenter__(self) -> None:
        self.open = threading.Event()
        self.line = [asyncio.create_task(OWN_HASHING.run(self.open.wait)) for _ in range(LONGEST_OWN)]
        await asyncio.sleep(0)

    async def __aexit__(self, *_: object) -> None:
        self.open.set()
        await asyncio.gather(*self.line)

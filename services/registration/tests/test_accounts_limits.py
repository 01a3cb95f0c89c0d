"""What bounds signing up: tries, expiry, mails; and that no answer tells whether an address has an account."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.people import end_customer, fresh_address, only, settled, sign_up, verified

from event_schemas.registration_mail import SignUpRepeated, VerificationRequested
from registration_service.sessions.forgetting import forget

NOBODY = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f"


async def try_code(desk, sign_up_id, code):
    return await desk.room.client.post("/verifications", json={"sign_up_id": sign_up_id, "code": code})


async def asked(desk, email=None):
    """A fresh sign-up: its handle and its mail."""
    answer = await sign_up(desk.room, email or fresh_address())
    return answer.json()["sign_up_id"], only(VerificationRequested, await desk.said())


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def alike(answer) -> tuple:
    """An answer without what is different in every answer."""
    body = answer.json()
    for name in ("correlation_id", "sign_up_id"):
        body.pop(name, None)
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "traceparent")}
    return answer.status_code, headers, body


@pytest.mark.requirement("REG-01")
async def test_five_wrong_codes_void_the_code_and_count_down(desk) -> None:
    sign_up_id, mail = await asked(desk)
    left = []
    for _ in range(5):
        answer = await try_code(desk, sign_up_id, wrong(mail.code))
        assert (answer.status_code, answer.json()["code"]) == (422, "verification-failed")
        left.append(answer.json()["details"]["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    right = await try_code(desk, sign_up_id, mail.code)
    assert right.json()["details"] == {"tries_left": 0}
    token = mail.verification_url.partition("=")[2]
    assert (await desk.room.client.post("/verifications", json={"token": token})).status_code == 201


@pytest.mark.requirement("REG-01")
async def test_expired_void_and_unknown_codes_are_one_answer(desk) -> None:
    expired, mail = await asked(desk)
    desk.room.clock.advance(timedelta(minutes=30))
    void, other = await asked(desk)
    for _ in range(5):
        await try_code(desk, void, wrong(other.code))
    used, third = await asked(desk)
    assert (await try_code(desk, used, third.code)).status_code == 201
    answers = [
        await try_code(desk, expired, mail.code),
        await try_code(desk, void, other.code),
        await try_code(desk, used, third.code),
        await try_code(desk, NOBODY, "123456"),
        await desk.room.client.post("/verifications", json={"token": mail.verification_url.partition("=")[2]}),
        await desk.room.client.post("/verifications", json={"token": "kq3Zr0Yw1h2m5c8T9uVxNg"}),
    ]
    assert len({repr(alike(answer)) for answer in answers}) == 1
    assert answers[0].status_code == 422


@pytest.mark.requirement("REG-01")
async def test_a_code_is_good_until_its_last_moment(desk) -> None:
    sign_up_id, mail = await asked(desk)
    desk.room.clock.advance(timedelta(minutes=30) - timedelta(microseconds=1))
    assert (await try_code(desk, sign_up_id, mail.code)).status_code == 201


@pytest.mark.requirement("REG-01")
async def test_a_new_code_takes_the_old_ones_place(desk) -> None:
    sign_up_id, old = await asked(desk)
    early = await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")
    assert (early.status_code, early.json()["code"]) == (429, "try-later")
    assert early.headers["retry-after"] == "60"
    desk.room.clock.advance(timedelta(seconds=60))
    assert (await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")).status_code == 202
    new = only(VerificationRequested, await desk.said())
    link = {"token": old.verification_url.partition("=")[2]}
    assert (await desk.room.client.post("/verifications", json=link)).status_code == 422
    if new.code != old.code:
        assert (await try_code(desk, sign_up_id, old.code)).json()["details"] == {"tries_left": 4}
    assert (await try_code(desk, sign_up_id, new.code)).status_code == 201


@pytest.mark.requirement("REG-01")
async def test_five_mails_go_to_an_address_in_a_day(desk) -> None:
    email = fresh_address()
    sign_up_id, _ = await asked(desk, email)
    for _ in range(4):
        desk.room.clock.advance(timedelta(minutes=2))
        assert (await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")).status_code == 202
    desk.room.clock.advance(timedelta(minutes=2))
    sixth = await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")
    assert (sixth.status_code, sixth.headers["retry-after"]) == (429, str(24 * 3600 - 10 * 60))
    assert len(await desk.said()) == 4
    assert (await sign_up(desk.room, email)).status_code == 202  # the same answer, and no mail
    assert await desk.said() == []
    desk.room.clock.advance(timedelta(seconds=24 * 3600 - 10 * 60))
    assert (await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")).status_code == 202


@pytest.mark.requirement("REG-01")
async def test_a_double_click_on_sign_up_sends_one_mail_whose_code_is_good_for_both(desk) -> None:
    email = fresh_address()
    answers = await asyncio.gather(*(sign_up(desk.room, email) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    mail = only(VerificationRequested, await desk.said())
    assert (await try_code(desk, answers[-1].json()["sign_up_id"], mail.code)).status_code == 201
    assert await desk.room.database.pool.fetchval("SELECT count(*) FROM accounts WHERE email = $1", email) == 1


@pytest.mark.requirement("REG-01")
async def test_whoever_never_chose_a_password_may_prove_the_address_again(desk) -> None:
    somebody = await verified(desk.room)
    desk.room.clock.advance(timedelta(minutes=1))
    again = await verified(desk.room, somebody.email)
    assert again.account_id == somebody.account_id


@pytest.mark.requirement("REG-01")
async def test_no_answer_tells_whether_an_address_has_an_account(desk) -> None:
    known = await settled(desk.room)
    desk.room.clock.advance(timedelta(hours=1))
    signed = [await sign_up(desk.room, email) for email in (known.email, fresh_address())]
    assert alike(signed[0]) == alike(signed[1])
    ids = [answer.json()["sign_up_id"] for answer in signed]
    for _ in range(6):
        tried = [await try_code(desk, sign_up_id, "000000") for sign_up_id in ids]
        assert alike(tried[0]) == alike(tried[1])
    resent = [await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend") for sign_up_id in ids]
    assert alike(resent[0]) == alike(resent[1])
    assert resent[0].status_code == 429
    desk.room.clock.advance(timedelta(minutes=1))
    resent = [await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend") for sign_up_id in ids]
    assert alike(resent[0]) == alike(resent[1])
    assert [type(one) for one in await desk.said()].count(SignUpRepeated) == 2


@pytest.mark.requirement("REG-01")
async def test_a_hundred_parallel_verifications_with_the_right_code_open_one_session(desk) -> None:
    sign_up_id, mail = await asked(desk)
    answers = await asyncio.gather(*(try_code(desk, sign_up_id, mail.code) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 99
    tokens = next(answer.json() for answer in answers if answer.status_code == 201)
    count = "SELECT count(*) FROM sessions WHERE account_id = $1::text::uuid"
    assert await desk.room.database.pool.fetchval(count, tokens["account_id"]) == 1


@pytest.mark.requirement("REG-01")
async def test_twenty_parallel_wrong_codes_count_exactly(desk) -> None:
    sign_up_id, mail = await asked(desk)
    answers = await asyncio.gather(*(try_code(desk, sign_up_id, wrong(mail.code)) for _ in range(20)))
    left = sorted(answer.json()["details"]["tries_left"] for answer in answers)
    assert left == [0] * 16 + [1, 2, 3, 4]
    assert (await try_code(desk, sign_up_id, mail.code)).status_code == 422


@pytest.mark.requirement("REG-01")
@pytest.mark.parametrize("given", [(), ("code",), ("sign_up_id",), ("token", "code", "sign_up_id")])
async def test_a_verification_names_a_code_with_its_sign_up_or_a_token(desk, given) -> None:
    whole = {"sign_up_id": NOBODY, "code": "123456", "token": "kq3Zr0Yw1h2m5c8T9uVxNg"}
    answer = await desk.room.client.post("/verifications", json={name: whole[name] for name in given})
    assert (answer.status_code, answer.json()["code"]) == (422, "verification-incomplete")


@pytest.mark.requirement("REG-01")
async def test_a_brand_that_does_not_write_in_a_language_says_so(desk) -> None:
    refused = await sign_up(desk.room, fresh_address(), language="de")
    assert refused.status_code == 422
    unknown = await sign_up(desk.room, fresh_address(), brand="toshiba")
    assert unknown.json()["code"] == "brand-unknown"


async def test_a_sign_up_that_nobody_asked_for_is_not_found(desk) -> None:
    assert (await desk.room.client.post(f"/sign-ups/{NOBODY}/resend")).status_code == 404


@pytest.mark.requirement("REG-01")
async def test_an_account_of_one_brand_is_none_of_another(desk) -> None:
    known = await end_customer(desk.room)
    await sign_up(desk.room, known.email, brand="carri")
    assert only(VerificationRequested, await desk.said()).brand == "carri"


@pytest.mark.requirement("REG-01")
async def test_the_mail_is_in_the_language_that_was_asked_for_whatever_was_known_of_the_person(desk) -> None:
    email = fresh_address()
    told = {"brand": "dynabook", "name": "Nora", "email": email, "language": "nl"}
    assert (await desk.room.post("/contacts", told)).status_code == 201
    await desk.said()
    sign_up_id, mail = await asked(desk, email)
    assert mail.language == "fr"
    desk.room.clock.advance(timedelta(minutes=1))
    await sign_up(desk.room, email, language="en")
    assert only(VerificationRequested, await desk.said()).language == "en"
    desk.room.clock.advance(timedelta(minutes=1))
    assert (await desk.room.client.post(f"/sign-ups/{sign_up_id}/resend")).status_code == 202
    assert only(VerificationRequested, await desk.said()).language == "fr"  # the account's, which is the first's


@pytest.mark.requirement("REG-01", "ALL-05")
async def test_whoever_never_proves_the_address_is_forgotten_after_thirty_days(desk) -> None:
    pool, lost, known, late = desk.room.database.pool, fresh_address(), fresh_address(), fresh_address()
    await desk.room.post("/contacts", {"brand": "dynabook", "name": "Nora", "email": known, "language": "nl"})
    proven = await verified(desk.room)
    for email in (lost, known, late):
        await sign_up(desk.room, email)
    desk.room.clock.advance(timedelta(days=30) - timedelta(seconds=1))
    await sign_up(desk.room, late)  # once more, so that a code is good while the account is old
    await forget(desk.room.database)
    rows = "SELECT email FROM {} WHERE email = ANY($1) ORDER BY email"
    everybody = sorted([lost, known, late, proven.email])

    async def left(table: str) -> set[str]:
        return {row["email"] for row in await pool.fetch(rows.format(table), everybody)}

    assert await left("accounts") == set(everybody)
    desk.room.clock.advance(timedelta(seconds=2))
    await forget(desk.room.database)
    assert await left("accounts") == {late, proven.email}
    assert await left("contacts") == {known, late, proven.email}
    desk.room.clock.advance(timedelta(days=2))
    await forget(desk.room.database)
    assert await left("accounts") == {proven.email}
    assert (await verified(desk.room, lost)).email == lost

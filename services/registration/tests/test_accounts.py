"""Signing up, proving the address, the profile."""

from datetime import timedelta

import pytest
from tests.support.people import (
    PASSWORD,
    administrator,
    end_customer,
    fresh_address,
    only,
    profile,
    settled,
    sign_in,
    sign_up,
    verified,
)

from event_schemas.contacts import ContactChanged
from event_schemas.registration_mail import SignUpRepeated, VerificationRequested


@pytest.mark.requirement("REG-01", "REG-02", "REG-03")
async def test_somebody_signs_up_verifies_by_code_and_is_at_work_as_an_end_customer(desk) -> None:
    email = fresh_address()
    asked = await sign_up(desk.room, email, language="nl")
    contact, mail = await desk.said()
    assert isinstance(contact, ContactChanged)
    assert (contact.name, contact.email, contact.language) == ("", email, "nl")
    assert isinstance(mail, VerificationRequested)
    assert (mail.contact_id, len(mail.code)) == (contact.contact_id, 6)
    told = {"sign_up_id": asked.json()["sign_up_id"], "code": f" {mail.code[:3]} {mail.code[3:]} "}
    tokens = (await desk.room.client.post("/verifications", json=told)).json()
    assert tokens["role"] == "applicant"
    body = profile(declares="end-customer", keep_me_informed=False)
    done = await desk.room.post("/profile", body, token=tokens["access_token"])
    assert done.status_code == 200, done.text
    view = done.json()
    assert (view["state"], view["role"], view["phone"]) == ("active", "end-customer", "+33170189900")
    changed = only(ContactChanged, await desk.said())
    assert (changed.name, changed.language, changed.keep_me_informed) == ("Camille Martin", "nl", False)
    again = await sign_in(desk.room, email)
    assert again.json()["role"] == "end-customer"


@pytest.mark.requirement("REG-01")
async def test_the_link_verifies_too_and_looking_at_it_uses_nothing_up(desk) -> None:
    await sign_up(desk.room, fresh_address())
    mail = only(VerificationRequested, await desk.said())
    base, _, token = mail.verification_url.partition("?token=")
    assert base == "http://127.0.0.1:8101/verification"
    for _ in range(3):
        looked = await desk.room.client.get(f"/verification?token={token}")
        assert looked.json() == {"good": True, "method": "POST", "path": "/verifications"}
    assert (await desk.room.client.post("/verifications", json={"token": token})).status_code == 201
    assert (await desk.room.client.get(f"/verification?token={token}")).json()["good"] is False
    assert (await desk.room.client.post("/verifications", json={"token": token})).status_code == 422


@pytest.mark.requirement("REG-01")
async def test_whoever_has_an_account_is_told_so_by_mail_only(desk) -> None:
    known = await end_customer(desk.room)
    answer = await sign_up(desk.room, known.email.upper())
    assert answer.status_code == 202
    # the first mail to this address was a moment ago
    assert await desk.said() == []
    desk.room.clock.advance(timedelta(minutes=2))
    answer = await sign_up(desk.room, known.email.upper())
    assert isinstance(only(SignUpRepeated, await desk.said()), SignUpRepeated)
    assert set(answer.json()) == {"sign_up_id", "expires_at"}


@pytest.mark.requirement("REG-01")
async def test_an_address_that_is_a_contact_already_stays_that_contact(desk) -> None:
    await desk.certificate(buyer={"name": "Anna Maes", "email": "Anna@example.com", "language": "nl"})
    await sign_up(desk.room, "anna@example.com", language="fr")
    mail = only(VerificationRequested, said := await desk.said())
    assert len(said) == 1
    row = await desk.room.database.pool.fetchrow("SELECT * FROM contacts WHERE contact_id = $1", mail.contact_id)
    assert (row["name"], row["language"], row["account_id"]) == ("Anna Maes", "nl", None)


@pytest.mark.requirement("REG-01", "REG-05")
async def test_a_contact_is_its_accounts_own_from_the_verification_on(desk) -> None:
    somebody = await settled(desk.room)
    person = {"name": "Somebody Else", "email": somebody.email, "language": "nl"}
    known = await desk.room.post("/contacts", {"brand": "dynabook", **person})
    assert known.json()["contact_id"] == somebody.claims["contact"]
    assert await desk.said() == []


@pytest.mark.requirement("REG-02", "REG-03")
async def test_a_profile_without_a_declared_role_leaves_the_account_inactive(desk) -> None:
    somebody = await settled(desk.room)
    view = (await somebody.get("/profile")).json()
    assert (view["state"], view["role"], view["has_password"]) == ("verified", None, True)
    assert (await somebody.refresh()).claims["role"] == "applicant"
    refused = await somebody.post("/registrations", {})
    assert refused.json()["code"] == "scope-missing"


@pytest.mark.requirement("REG-02")
@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"password_confirmation": "seven plums under a table"}, "password-not-repeated", "/password_confirmation"),
        ({"password": "Password1234"}, "password-common", "/password"),
        ({"password": "a" * 12}, "password-common", "/password"),
        ({"phone": "12"}, "phone-malformed", "/phone"),
        ({"phone": "not a number"}, "phone-malformed", "/phone"),
    ],
)
async def test_a_profile_that_cannot_be_taken_says_why_and_changes_nothing(desk, change, code, pointer) -> None:
    somebody = await verified(desk.room)
    before = (await somebody.get("/profile")).json()
    answer = await somebody.post("/profile", profile(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await somebody.get("/profile")).json() == before
    assert await desk.said() == []


@pytest.mark.requirement("REG-02")
async def test_the_address_is_no_password(desk) -> None:
    somebody = await verified(desk.room, "a.rather.long.name@example.com")
    for password in ("a.rather.long.name@example.com", "A.Rather.Long.Name"):
        answer = await somebody.post("/profile", profile(password=password))
        assert answer.json()["code"] == "password-is-address"


@pytest.mark.requirement("REG-02")
@pytest.mark.parametrize(("password", "kind"), [("a" * 11, "12"), ("b" * 129, "128")])
async def test_a_password_has_12_to_128_characters(desk, password, kind) -> None:
    somebody = await verified(desk.room)
    answer = await somebody.post("/profile", profile(password=password))
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["pointer"], str(error["accepted"])) == (422, "/password", kind)


@pytest.mark.requirement("REG-02")
@pytest.mark.parametrize(
    ("brand", "typed", "stored"),
    [
        ("samsung-belux", "02 555 01 00", "+3225550100"),
        ("dynabook", "01.70.18.99.00", "+33170189900"),
        ("dynabook", "+32 2 555 01 00", "+3225550100"),
    ],
)
async def test_a_telephone_number_is_understood_as_one_of_the_brands_country(desk, brand, typed, stored) -> None:
    somebody = await settled(desk.room, brand=brand, phone=typed)
    assert (await somebody.get("/profile")).json()["phone"] == stored


@pytest.mark.requirement("REG-02")
async def test_a_wrong_number_is_answered_with_an_example_of_the_country(desk) -> None:
    somebody = await verified(desk.room, brand="samsung-belux")
    answer = await somebody.post("/profile", profile(phone="5"))
    error = answer.json()["errors"][0]
    assert error["value"] == "5"
    assert error["accepted"].startswith("+32 ")


@pytest.mark.requirement("REG-02")
async def test_the_profile_is_completed_once_and_changed_after_that(desk) -> None:
    somebody = await verified(desk.room)
    early = await somebody.post("/profile/changes", {"first_name": "Jan"})
    assert (early.status_code, early.json()["code"]) == (409, "profile-incomplete")
    assert (await somebody.post("/profile", profile())).status_code == 200
    again = await somebody.post("/profile", profile(password="another password that is long"))
    assert (again.status_code, again.json()["code"]) == (409, "profile-complete")
    assert (await sign_in(desk.room, somebody.email, PASSWORD)).status_code == 201


@pytest.mark.requirement("REG-05")
async def test_personal_data_is_changed_and_said_to_whoever_writes_to_people(desk) -> None:
    somebody = await settled(desk.room)
    told = {"first_name": "Jan", "language": "nl", "keep_me_informed": False, "phone": "+32 2 555 01 00"}
    answer = await somebody.post("/profile/changes", told)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["first_name"], view["last_name"], view["phone"]) == ("Jan", "Martin", "+3225550100")
    fact = only(ContactChanged, await desk.said())
    assert (fact.name, fact.language, fact.keep_me_informed) == ("Jan Martin", "nl", False)
    assert (await somebody.post("/profile/changes", told)).json()["version"] == view["version"]
    assert await desk.said() == []


@pytest.mark.requirement("REG-05")
async def test_the_telephone_number_of_the_account_is_that_of_the_person(desk) -> None:
    somebody = await settled(desk.room)
    phone = "SELECT phone FROM contacts WHERE contact_id = $1::text::uuid"
    contact = somebody.claims["contact"]
    assert await desk.room.database.pool.fetchval(phone, contact) == "+33170189900"
    assert (await somebody.post("/profile/changes", {"phone": "+32 2 555 01 00"})).status_code == 200
    assert await desk.room.database.pool.fetchval(phone, contact) == "+3225550100"
    assert await desk.said() == []


@pytest.mark.requirement("REG-05")
async def test_a_change_of_an_older_profile_is_refused(desk) -> None:
    somebody = await settled(desk.room)
    read = await somebody.get("/profile")
    token = somebody.tokens["access_token"]
    ask = {"Authorization": f"Bearer {token}"}
    same = await desk.room.client.get("/profile", headers={**ask, "If-None-Match": read.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    answers = [
        await desk.room.client.post(
            "/profile/changes",
            json={"first_name": name},
            headers={**ask, "If-Match": read.headers["etag"], "Idempotency-Key": name},
        )
        for name in ("Jan", "Piet")
    ]
    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[1].json()["errors"][0]["accepted"] == (await somebody.get("/profile")).headers["etag"]


@pytest.mark.requirement("REG-03")
async def test_end_customer_is_declared_later_too_but_not_beside_an_organisation(desk) -> None:
    somebody = await settled(desk.room)
    assert (await somebody.post("/profile/changes", {"declares": "end-customer"})).json()["state"] == "active"
    dealer = await administrator(desk.room)
    refused = await dealer.post("/profile/changes", {"declares": "end-customer"})
    assert (refused.status_code, refused.json()["code"]) == (409, "account-not-free")


async def test_a_token_without_an_account_has_no_profile(desk) -> None:
    answer = await desk.room.get("/profile", claims={"sub": "gateway@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

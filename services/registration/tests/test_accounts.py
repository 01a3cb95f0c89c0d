"""Contacts: one for each brand and address."""

import asyncio

import pytest

from event_schemas.contacts import ContactChanged

ANNA = {"brand": "dynabook", "name": "Anna Maes", "email": "anna.maes@example.com", "language": "nl"}


async def test_a_person_is_remembered_and_said_to_whoever_writes_to_people(desk) -> None:
    answer = await desk.room.post("/contacts", ANNA)
    assert answer.status_code == 201
    assert await desk.said() == [ContactChanged(**ANNA, contact_id=answer.json()["contact_id"])]


async def test_an_address_is_one_contact_whatever_its_case_and_nothing_is_said_when_nothing_changed(desk) -> None:
    first = await desk.room.post("/contacts", {**ANNA, "email": "Twice@example.com"})
    await desk.said()
    again = await desk.room.post("/contacts", {**ANNA, "email": "tWICE@example.com"})
    assert again.json() == first.json()
    assert await desk.said() == []


@pytest.mark.parametrize("change", [{"name": "Anna Maes-Claes"}, {"language": "fr"}])
async def test_a_new_name_or_language_is_the_same_contact_and_is_said(desk, change) -> None:
    before = {**ANNA, "email": f"{next(iter(change))}@example.com"}
    first = await desk.room.post("/contacts", before)
    await desk.said()
    second = await desk.room.post("/contacts", before | change)
    assert second.json() == first.json()
    assert await desk.said() == [ContactChanged(**(before | change), contact_id=first.json()["contact_id"])]


async def test_brands_do_not_share_contacts(desk) -> None:
    mine = await desk.room.post("/contacts", {**ANNA, "email": "both@example.com"})
    theirs = await desk.room.post("/contacts", {**ANNA, "email": "both@example.com", "brand": "carri"})
    assert mine.json() != theirs.json()


async def test_twenty_at_once_remember_one_person_and_say_it_once(desk) -> None:
    body = {**ANNA, "email": "crowd@example.com"}
    answers = await asyncio.gather(*(desk.room.post("/contacts", body) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.json()["contact_id"] for answer in answers}) == 1
    assert len(await desk.said()) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a@b@example.com"}, "/email"),
        ({"language": "de"}, "/language"),
        ({"name": " "}, "/name"),
        ({"name": "Anna\x00"}, "/name"),
        ({"name": "Anna\r\nBcc: all@example.com"}, "/name"),
        ({"name": 7}, "/name"),
        ({"phone": "+32 2 000 00 00"}, "/phone"),
        ({"brand": "toshiba"}, "/brand"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_stays(desk, change, pointer) -> None:
    before = await desk.rows()
    answer = await desk.room.post("/contacts", ANNA | change)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await desk.rows() == before

"""Contacts: one for each brand and address."""

import asyncio

import pytest
from tests.support.people import profile, settled, verified

from event_schemas.contacts import ContactChanged
from event_schemas.roles import ROLES

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
        ({"fax": "+32 2 000 00 00"}, "/fax"),
        ({"phone": "by night"}, "/phone"),
        ({"address": {"country": "Belgium"}}, "/address/country"),
        ({"contact_channel": "pigeon"}, "/contact_channel"),
        ({"brand": "toshiba"}, "/brand"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_stays(desk, change, pointer) -> None:
    before = await desk.rows()
    answer = await desk.room.post("/contacts", ANNA | change)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await desk.rows() == before


async def test_more_is_kept_of_a_person_than_is_said_and_what_is_not_said_again_stays(desk) -> None:
    more = {"company": "Maes BV", "phone": "+32 9 000 00 00", "contact_channel": "phone"}
    address = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}
    body = {**ANNA, "email": "more@example.com", **more, "address": address}
    first = await desk.room.post("/contacts", body)
    said = await desk.said()
    assert said == [ContactChanged(**{**ANNA, "email": "more@example.com"}, contact_id=first.json()["contact_id"])]
    for known in ({}, {"phone": "+32 9 000 00 00"}, {"address": {"city": "Gent"}}):
        await desk.room.post("/contacts", {**ANNA, "email": "more@example.com", **known})
    assert await desk.said() == []
    await desk.room.post("/contacts", {**ANNA, "email": "more@example.com", "address": {"city": "Brugge"}})
    row = await desk.room.database.pool.fetchrow(
        "SELECT company, phone, street, postal_code, city, country, channel FROM contacts WHERE email = $1",
        "more@example.com",
    )
    assert tuple(row) == ("Maes BV", "+32 9 000 00 00", "Kerkstraat 12", "9000", "Brugge", "BE", "phone")


async def test_the_contact_of_an_account_is_changed_by_that_account_alone(desk) -> None:
    before = {**ANNA, "email": "own@example.com"}
    contact_id = (await desk.room.post("/contacts", before)).json()["contact_id"]
    await desk.room.database.pool.execute(
        "UPDATE contacts SET account_id = gen_random_uuid() WHERE contact_id = $1::uuid", contact_id
    )
    await desk.said()
    stranger = await desk.room.post("/contacts", {**before, "name": "Not Anna", "phone": "+32 2 111 11 11"})
    assert stranger.json() == {"contact_id": contact_id}
    assert await desk.said() == []
    other = {"claims": {"contact": "0199a3c4-7b10-7002-8a5e-4d1f6c2b0002"}}
    await desk.room.post("/contacts", {**before, "language": "fr"}, **other)
    assert await desk.said() == []
    await desk.room.post("/contacts", {**before, "name": "Anna Claes"}, claims={"contact": contact_id})
    assert await desk.said() == [ContactChanged(**{**before, "name": "Anna Claes"}, contact_id=contact_id)]


STRANGER = {"scopes": ROLES["end-customer"], "claims": {"sub": "stranger"}}
ADDRESS = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}


async def known(desk, email) -> tuple[str, ...]:
    return tuple(
        await desk.room.database.pool.fetchrow(
            "SELECT name, language, company, phone, street, postal_code, city, country, channel FROM contacts"
            " WHERE email = $1",
            email,
        )
    )


async def registered_for(desk, customer, certificate=None, **by) -> None:
    """Let somebody register a product for a customer."""
    certificate = certificate or (await desk.certificate()).certificate_number
    body = {"brand": "dynabook", "certificate": certificate, "serial": desk.serial()}
    body |= {"model": "PT5B1E-0K601", "purchased_on": "2026-11-20", "customer": customer}
    answer = await desk.room.post("/registrations", body, **by)
    assert answer.status_code == 201, answer.text


@pytest.mark.requirement("REG-06")
async def test_who_registers_for_somebody_adds_what_is_not_known_of_them_and_changes_nothing(desk) -> None:
    vera = {**ANNA, "name": "Vera Peeters", "email": "vera@example.com", "phone": "+32 2 555 01 00"}
    await desk.room.post("/contacts", vera)
    await desk.said()
    said = {"name": "Somebody Else", "email": "Vera@example.com", "language": "fr", "phone": "+33 6 66 66 66 66"}
    await registered_for(desk, {**said, "company": "Peeters BV", "address": ADDRESS}, **STRANGER)
    told = {(fact.name, fact.language) for fact in await desk.said() if isinstance(fact, ContactChanged)}
    assert told <= {(vera["name"], vera["language"])}
    expected = ("Vera Peeters", "nl", "Peeters BV", "+32 2 555 01 00", *ADDRESS.values(), None)
    assert await known(desk, "vera@example.com") == expected
    await registered_for(desk, {**said, "company": "Other BV", "address": {"street": "Elsewhere 6"}}, **STRANGER)
    assert await known(desk, "vera@example.com") == expected


@pytest.mark.requirement("REG-06")
async def test_our_own_servers_and_the_person_themselves_change_what_is_known(desk) -> None:
    vera = {**ANNA, "email": "vera.own@example.com"}
    contact_id = (await desk.room.post("/contacts", vera)).json()["contact_id"]
    await registered_for(desk, {**_person(vera), "name": "Vera Maes", "phone": "+32 2 555 01 00"})
    own = {"scopes": ROLES["end-customer"], "claims": {"sub": "vera", "contact": contact_id}}
    await registered_for(desk, {**_person(vera), "name": "Vera Claes", "language": "fr"}, **own)
    assert (await known(desk, vera["email"]))[:4] == ("Vera Claes", "fr", None, "+32 2 555 01 00")


async def test_strangers_at_once_who_say_different_things_leave_what_one_of_them_said(desk) -> None:
    certificate = (await desk.certificate(quantity=20)).certificate_number
    bodies = [
        {"name": f"Anna {n}", "email": "many@example.com", "language": "nl", "phone": f"+32 {n}00"} for n in range(9)
    ]
    await asyncio.gather(*(registered_for(desk, body, certificate, **STRANGER) for body in bodies))
    name, _, _, phone, *_ = await known(desk, "many@example.com")
    assert (name, phone) in [(one["name"], one["phone"]) for one in bodies]


@pytest.mark.requirement("REG-01", "REG-06")
async def test_who_proves_an_address_is_rid_of_what_others_said_of_its_particulars(desk) -> None:
    said = {"name": "Hearsay", "email": "proven@example.com", "language": "nl", "phone": "+33 6 66 66 66 66"}
    await registered_for(desk, {**said, "company": "Hearsay BV", "address": ADDRESS}, **STRANGER)
    await settled(desk.room, "proven@example.com", first_name="Vera", last_name="Claes", phone="+3225550100")
    name, language, company, phone, *rest = await known(desk, "proven@example.com")
    assert (name, language, company, rest) == ("Vera Claes", "fr", None, [None] * 5)
    assert phone != said["phone"]
    await registered_for(desk, {**said, "address": ADDRESS}, **STRANGER)
    assert (await known(desk, "proven@example.com"))[4:] == (None,) * 5


@pytest.mark.parametrize("text", ["http-prize", "Win://now", "WWW.prize.example", "see https://prize.example"])
@pytest.mark.parametrize("field", ["name", "company", "address/street", "address/city"])
async def test_a_link_in_a_name_is_refused_with_its_field(desk, field, text) -> None:
    group, _, inner = field.rpartition("/")
    answer = await desk.room.post("/contacts", ANNA | ({group: {inner: text}} if group else {field: text}))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["value"]) == (f"/{field}", text)
    assert "links" in error["message"]


@pytest.mark.requirement("REG-02", "REG-03")
async def test_a_link_in_the_name_of_an_account_or_an_organisation_is_refused_too(desk) -> None:
    somebody = await verified(desk.room)
    refused = await somebody.post("/profile", profile(first_name="http://prize"))
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/first_name"]
    founder = await settled(desk.room)
    answer = await founder.found("www.prize.example")
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, ["/name"])


def _person(known_as) -> dict[str, str]:
    return {name: value for name, value in known_as.items() if name != "brand"}

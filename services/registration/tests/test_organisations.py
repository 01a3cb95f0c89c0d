"""Searching and creating organisations, and what their members see."""

import asyncio
from datetime import timedelta

import pytest
from tests.support.people import administrator, end_customer, member, only, settled, verified

from event_schemas.registration_accounts import OrganisationCreated
from registration_service.organisations.domain import fold
from registration_service.organisations.forgetting import forget

NOBODY = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f"
SCOPE = "files:organisation"


@pytest.mark.requirement("REG-03")
async def test_a_search_that_found_nothing_lets_somebody_create_and_administer(desk) -> None:
    somebody = await settled(desk.room)
    assert (await somebody.search("Hifi Müller"))["items"] == []
    answer = await somebody.found("Hifi Müller", postal_code="L-1111", city="Luxembourg", country="LU")
    assert answer.status_code == 201, answer.text
    assert (await somebody.get("/profile")).json()["role"] == "dealer-admin"
    claims = (await somebody.refresh()).claims
    assert (claims["role"], claims["organisation"]) == ("dealer-admin", answer.json()["organisation_id"])
    assert SCOPE in claims["scope"].split()


@pytest.mark.requirement("REG-03")
@pytest.mark.parametrize(
    "words", ["electro wavre", "ÉLECTRO", "wav", "1300", "  electro,  WAVRE ", "d'éléctro wavre 1300"]
)
async def test_organisations_are_found_by_words_of_name_and_place_without_accents_and_case(desk, words) -> None:
    name = f"Maison d'Électro {words.encode().hex()}"
    await administrator(desk.room, name, city="Wavre", postal_code="1300")
    found = await (await settled(desk.room)).search(words)
    assert name in [one["name"] for one in found["items"]]


@pytest.mark.requirement("REG-03")
async def test_signs_of_a_search_are_no_wildcards_and_nothing_matches_everything(desk) -> None:
    await administrator(desk.room)
    somebody = await settled(desk.room)
    for words in ("%25%25%25", "___", "zzqzz"):
        answer = await somebody.get(f"/organisations?q={words}")
        assert answer.status_code == 422 or answer.json()["items"] == []
    short = await somebody.get("/organisations?q=a%20-b")
    assert (short.status_code, short.json()["code"]) == (422, "search-too-short")
    assert (await somebody.get("/organisations?q=ab")).status_code == 422


@pytest.mark.requirement("REG-03")
async def test_at_most_twenty_are_shown_and_that_there_are_more(desk) -> None:
    for number in range(21):
        await administrator(desk.room, f"Radio Vinck {number:02}")
    found = await (await settled(desk.room)).search("radio vinck")
    assert [one["name"] for one in found["items"]] == [f"Radio Vinck {number:02}" for number in range(20)]
    assert found["more"] is True


@pytest.mark.requirement("REG-03")
async def test_organisations_of_another_brand_are_neither_found_nor_read(desk) -> None:
    theirs = await administrator(desk.room, "Carrément Bon", brand="carri")
    somebody = await settled(desk.room)
    assert (await somebody.search("carrement bon"))["items"] == []
    asked = await somebody.get("/organisations?q=carrement&brand=carri")
    assert (asked.status_code, asked.json()["code"]) == (403, "brand-not-yours")
    assert (await somebody.get(f"/organisations/{theirs.claims['organisation']}")).status_code == 404
    staff = await desk.room.get("/organisations?q=carrement&brand=carri")
    assert len(staff.json()["items"]) == 1
    assert (await desk.room.get("/organisations?q=carrement")).json()["code"] == "brand-needed"


@pytest.mark.requirement("REG-03")
async def test_nobody_creates_without_having_searched_for_it(desk) -> None:
    somebody, other = await settled(desk.room), await settled(desk.room)
    place = {"name": "Foto Claes", "street": "Dorp 1", "postal_code": "9000", "city": "Gent", "country": "BE"}
    old = (await somebody.search("foto claes"))["search_id"]
    desk.room.clock.advance(timedelta(minutes=30, seconds=1))
    theirs = (await other.search("foto claes"))["search_id"]
    elsewhere = (await somebody.search("garage jansen"))["search_id"]
    invented = "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4e5f"
    for receipt in (theirs, elsewhere, old, invented):
        answer = await somebody.post("/organisations", {"search_id": receipt, **place})
        assert (answer.status_code, answer.json()["code"]) == (409, "search-first")
    assert (await somebody.get("/profile")).json()["state"] == "verified"
    receipt = (await somebody.search("foto claes"))["search_id"]
    assert (await somebody.post("/organisations", {"search_id": receipt, **place})).status_code == 201


@pytest.mark.requirement("REG-03")
async def test_the_same_name_at_the_same_place_is_not_created_twice_also_by_thirty_at_once(desk) -> None:
    founders = [await settled(desk.room) for _ in range(10)]
    names = ["Hi-Fi Étoile", "HI FI ETOILE", "hi-fi étoile!"]
    answers = await asyncio.gather(*(one.found(names[n % 3]) for n, one in enumerate(founders)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "organisation-exists"
    winner = next(answer for answer in answers if answer.status_code == 201).json()
    loser, there = founders[answers.index(refused)], {"none_of": [winner["organisation_id"]]}
    assert (await loser.found("Hi-Fi Étoile", **there)).json()["code"] == "organisation-exists"
    assert (await loser.found("Hi-Fi Étoile", postal_code="1020", **there)).status_code == 201


@pytest.mark.requirement("REG-03")
async def test_only_a_verified_account_with_a_profile_that_is_free_creates_one(desk) -> None:
    early = await verified(desk.room)
    refused = await early.found("Trop Tôt")
    assert (refused.status_code, refused.json()["code"]) == (409, "profile-incomplete")
    founder = await settled(desk.room)
    assert (await founder.found("Une Première")).status_code == 201
    second = await founder.found("Une Deuxième")  # with the token of the applicant that it was
    assert (second.status_code, second.json()["code"]) == (409, "account-not-free")
    waiting = await settled(desk.room)
    await waiting.post("/join-requests", {"organisation_id": (await founder.refresh()).claims["organisation"]})
    assert (await waiting.found("Une Troisième")).json()["code"] == "account-not-free"


@pytest.mark.requirement("REG-03")
async def test_an_end_customer_creates_an_organisation_too(desk) -> None:
    customer = await end_customer(desk.room)
    answer = await customer.found("Atelier Seul")
    assert answer.status_code == 201, answer.text
    claims = (await customer.refresh()).claims
    assert (claims["role"], claims["organisation"]) == ("dealer-admin", answer.json()["organisation_id"])


@pytest.mark.requirement("REG-03")
async def test_an_organisation_is_said_with_who_administers_it(desk) -> None:
    founder = await settled(desk.room)
    answer = await founder.found("Dit Et Fait")
    fact = only(OrganisationCreated, await desk.said())
    assert (str(fact.organisation_id), str(fact.administrator_id)) == (
        answer.json()["organisation_id"],
        founder.claims["contact"],
    )


@pytest.mark.requirement("REG-03")
@pytest.mark.parametrize(
    ("known", "name", "searched"),
    [
        ("Unique Radio Halle", "Unique Radio Halle BV", "unique radio halle"),
        ("Klein Audio Halle", "KLEIN  audio halle.bv", "Halle"),
        ("Jef Hifi Center NV", "Jef Hifi", "Halle"),
        ("Piano Peeters", "Piano", "Halle"),
        ("Veromij", "Halle Veromij", "veromij"),
    ],
)
async def test_what_a_look_at_the_name_finds_is_not_created_unless_it_is_none_of_these(
    desk, known, name, searched
) -> None:
    first = await administrator(desk.room, known, city="Halle", postal_code="1500")
    somebody = await settled(desk.room)
    place = {"street": "Markt 2", "postal_code": "1502", "city": "Halle", "country": "BE"}
    body = {"search_id": (await somebody.search(searched))["search_id"], "name": name, **place}
    refused = await somebody.post("/organisations", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "organisation-exists")
    alike = {"organisation_id": first.claims["organisation"], "name": known, "city": "Halle"}
    assert refused.json()["details"]["candidates"] == [alike]
    assert f"{known}, Halle" in refused.json()["detail"]
    assert (await somebody.get("/profile")).json()["state"] == "verified"
    for none_of in ([NOBODY], [alike["organisation_id"], NOBODY]):
        again = await somebody.post("/organisations", {**body, "none_of": none_of})
        assert again.json()["code"] == "organisation-exists"
    answer = await somebody.post("/organisations", {**body, "none_of": [alike["organisation_id"]]})
    assert answer.status_code == 201, answer.text


@pytest.mark.requirement("REG-03")
async def test_the_same_name_in_another_country_or_at_another_brand_is_no_candidate(desk) -> None:
    await administrator(desk.room, "Grenzland Technik", city="Eupen", postal_code="4700")
    await administrator(desk.room, "Grenzland Technik", brand="carri", city="Eupen", postal_code="4700")
    luxembourg = await (await settled(desk.room)).found("Grenzland Technik", postal_code="L-1111", country="LU")
    assert luxembourg.status_code == 201, luxembourg.text


@pytest.mark.requirement("REG-03")
async def test_two_that_are_alike_created_at_once_become_one(desk) -> None:
    founders = [await settled(desk.room) for _ in range(8)]
    names = ["Optiek Zwaluw", "Optiek Zwaluw BV"]
    deeds = [one.found(names[n % 2], postal_code=f"90{n:02}") for n, one in enumerate(founders)]
    answers = await asyncio.gather(*deeds)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


@pytest.mark.requirement("REG-03")
async def test_receipts_of_searches_are_forgotten_when_they_are_over(desk) -> None:
    somebody = await settled(desk.room)
    await somebody.search("vergeet mij")
    count = "SELECT count(*) FROM searches WHERE searcher = $1"
    await forget(desk.room.database)
    assert await desk.room.database.pool.fetchval(count, somebody.account_id) == 1
    desk.room.clock.advance(timedelta(minutes=31))
    await forget(desk.room.database)
    assert await desk.room.database.pool.fetchval(count, somebody.account_id) == 0


@pytest.mark.requirement("REG-03")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"country": "ZZ"}, "/country"),
        ({"vat_number": "12"}, "/vat_number"),
        ({"name": " "}, "/name"),
        ({"name": "***"}, "/name"),
        ({"brand": "carri"}, "/brand"),
    ],
)
async def test_a_wrong_field_of_an_organisation_is_named(desk, change, pointer) -> None:
    somebody = await settled(desk.room)
    receipt = (await somebody.search("garage peeters"))["search_id"]
    place = {"name": "Garage Peeters", "street": "Dorp 1", "postal_code": "9000", "city": "Gent", "country": "BE"}
    answer = await somebody.post("/organisations", {"search_id": receipt, **place, **change})
    assert answer.status_code in (422, 403)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.requirement("REG-06")
async def test_members_see_what_the_organisation_lets_them_from_the_next_token_on(desk) -> None:
    admin = await administrator(desk.room)
    colleague = await member(admin)
    assert SCOPE not in colleague.claims["scope"].split()
    shown = await admin.post("/organisation/visibility", {"members_see": "all"})
    assert shown.json()["members_see"] == "all"
    assert SCOPE in (await colleague.refresh()).claims["scope"].split()
    newcomer = await member(admin)
    assert SCOPE in newcomer.claims["scope"].split()
    assert (await admin.post("/organisation/visibility", {"members_see": "own"})).status_code == 200
    assert SCOPE not in (await colleague.refresh()).claims["scope"].split()
    assert (await colleague.post("/organisation/visibility", {"members_see": "all"})).json()["code"] == "scope-missing"


@pytest.mark.requirement("REG-06")
async def test_an_administrator_says_what_members_see_of_the_own_organisation_only(desk) -> None:
    ours, theirs = await administrator(desk.room), await administrator(desk.room)
    body = {"members_see": "all", "organisation_id": theirs.claims["organisation"]}
    assert (await ours.post("/organisation/visibility", body)).status_code == 404
    read = (await theirs.get(f"/organisations/{theirs.claims['organisation']}")).json()
    assert read["members_see"] == "own"
    assert "members_see" not in (await ours.get(f"/organisations/{theirs.claims['organisation']}")).json()
    assert (await desk.room.post("/organisation/visibility", body)).json()["members_see"] == "all"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Électro-Ménager  SÀRL", "electro menager sarl"),
        ("Œuvre & Cie", "oeuvre cie"),
        ("Straße 7", "strasse 7"),
        ("---", ""),
    ],
)
def test_texts_are_folded_for_the_search(text, folded) -> None:
    assert fold(text) == folded

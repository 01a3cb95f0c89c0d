"""Sites: created once for a place, described better, closed, found again, and seen by those whose they are (ACT-05)."""

import asyncio
import re
from uuid import uuid4

import pytest

from activation_service.sites.domain import new_number, written

HOME = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}
OWN = ["sites:read", "sites:write"]
EVERY = [*OWN, "files:all"]


class Account:
    """Somebody with sites of their own."""

    def __init__(self, room, **claims) -> None:
        self.room, self.scopes = room, [*OWN, *claims.pop("scopes", [])]
        self.contact = str(uuid4())
        self.claims = {"sub": f"account-{uuid4()}", "brand": "d-link", "contact": self.contact, **claims}

    async def post(self, path, body, **more):
        return await self.room.post(path, body, scopes=self.scopes, claims=self.claims, **more)

    async def get(self, path, **more):
        return await self.room.get(path, scopes=self.scopes, claims=self.claims, **more)

    async def create(self, name="Home", **address):
        made = await self.post("/sites", {"brand": "d-link", "name": name, "address": HOME | address})
        assert made.status_code == 201, made.text
        return made.json()


@pytest.fixture
def account(room) -> Account:
    return Account(room)


@pytest.mark.requirement("ACT-05")
async def test_a_site_has_a_number_an_address_and_its_countrys_time(account):
    made = await account.create()
    assert re.fullmatch(r"S-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", made["site_number"])
    assert (made["address"], made["time_zone"], made["customer_id"]) == (HOME, "Europe/Brussels", account.contact)
    typed = made["site_number"].lower().replace("-", "")
    shown = await account.get(f"/sites/{typed}")
    assert shown.json() == made
    again = await account.room.client.get(
        f"/sites/{typed}",
        headers={"Authorization": shown.request.headers["Authorization"], "If-None-Match": shown.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.requirement("ACT-05")
async def test_an_account_has_several_sites_and_one_at_each_place(account):
    first = await account.create()
    await account.create("Shop", street="Kerkstraat 14")
    again = await account.post(
        "/sites",
        {
            "brand": "d-link",
            "name": "x",
            "address": HOME | {"street": "KERKSTR. 12", "postal_code": "B-9000", "city": "Gand"},
        },
    )
    assert (again.status_code, again.json()["code"]) == (409, "site-exists")
    assert again.json()["details"]["site_number"] == first["site_number"]
    assert first["site_number"] in again.json()["detail"]
    await Account(account.room).create()  # somebody else at the same address


@pytest.mark.requirement("ACT-05")
async def test_twenty_at_once_make_one_site(account):
    body = {"brand": "d-link", "name": "Home", "address": HOME | {"street": "Veldstraat 1"}}
    made = await asyncio.gather(*(account.post("/sites", body) for _ in range(20)))
    assert sorted(one.status_code for one in made) == [201] + [409] * 19
    numbers = {one.json().get("site_number") or one.json()["details"]["site_number"] for one in made}
    assert len(numbers) == 1


@pytest.mark.requirement("ACT-05", "REG-06")
async def test_an_organisation_has_one_site_at_a_place_as_far_as_its_members_see_each_others_files(room):
    shared = {"organisation": str(uuid4()), "scopes": ["files:organisation"]}
    body = {"brand": "d-link", "name": "Shop", "address": HOME}
    members = [Account(room, **shared) for _ in range(8)]
    made = await asyncio.gather(*(member.post("/sites", body) for member in members))
    assert sorted(one.status_code for one in made) == [201] + [409] * 7
    (number,) = {one.json().get("site_number") or one.json()["details"]["site_number"] for one in made}
    assert {(await member.get(f"/sites/{number}")).status_code for member in members} == {200}
    alone = Account(room, organisation=shared["organisation"])  # sees their own files only, so has a site of their own
    assert (await alone.get(f"/sites/{number}")).status_code == 404
    await alone.create()
    again = await alone.post("/sites", body)
    assert (again.status_code, again.json()["details"]["site_number"] == number) == (409, False)
    await Account(room, organisation=str(uuid4()), scopes=["files:organisation"]).create()


@pytest.mark.requirement("ACT-05")
async def test_a_site_is_described_better_but_keeps_its_place(account):
    site = await account.create(street="Koningstraat 7")
    path = f"/sites/{site['site_number']}/changes"
    spelt = HOME | {"street": "Koningstr. 7", "city": "Gand"}
    changed = await account.post(path, {"name": "HQ", "address": spelt, "contact_hint": "Ring twice."})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["address"], changed.json()["contact_hint"]) == (
        "HQ",
        spelt,
        "Ring twice.",
    )
    for elsewhere in ({"street": "Koningstraat 9"}, {"postal_code": "9001"}, {"country": "NL"}):
        refused = await account.post(path, {"address": spelt | elsewhere})
        assert (refused.status_code, refused.json()["code"]) == (409, "site-elsewhere")
    cleared = (await account.post(path, {"contact_hint": None})).json()
    assert (cleared["contact_hint"], cleared["name"]) == (None, "HQ")


@pytest.mark.requirement("ACT-05")
async def test_a_change_meant_for_another_state_is_refused(account):
    site = await account.create(street="Koningstraat 8")
    path = f"/sites/{site['site_number']}"
    tag = (await account.get(path)).headers["ETag"]
    headers = (await account.get(path)).request.headers

    async def change(name, if_match):
        asked = {"Authorization": headers["Authorization"], "Idempotency-Key": str(uuid4()), "If-Match": if_match}
        return await account.room.client.post(f"{path}/changes", json={"name": name}, headers=asked)

    assert (await change("HQ", tag)).status_code == 200
    late = await change("HQ 2", tag)
    now = (await account.get(path)).headers["ETag"]
    assert (late.status_code, late.json()["code"], late.json()["errors"][0]["accepted"]) == (412, "site-changed", now)
    assert (await change("HQ 3", "*")).status_code == 200


@pytest.mark.requirement("ACT-05")
async def test_a_closed_site_stays_readable_and_makes_room_for_another_one(account):
    site = await account.create(street="Koningstraat 10")
    path = f"/sites/{site['site_number']}"
    closed = await account.post(f"{path}/closing", {})
    assert closed.json()["closed_at"] == "2026-11-22T09:00:00Z"
    for late in (f"{path}/closing", f"{path}/changes"):
        assert (await account.post(late, {})).json()["code"] == "site-closed"
    anew = await account.create(street="Koningstraat 10")
    body = {"brand": "d-link", "name": "x", "address": HOME | {"street": "Koningstraat 10"}}
    assert (await account.post("/sites", body)).json()["details"]["site_number"] == anew["site_number"]
    listed = [one["site_number"] for one in (await account.get("/sites?open=true")).json()["items"]]
    assert listed == [anew["site_number"]]
    (gone,) = (await account.get("/sites?open=false")).json()["items"]
    assert gone == (await account.get(path)).json() == closed.json()


@pytest.mark.requirement("ACT-05")
async def test_sites_are_found_by_number_name_town_and_postal_code_without_accents(account):
    swiss = {"country": "CH", "postal_code": "1201", "city": "Genève", "street": "Rue du Rhône 1"}
    made = {name: await account.create(name, **address) for name, address in (("Siège", swiss), ("Atelier", {}))}
    number = made["Siège"]["site_number"]
    for query in (
        f"number={number[:4].lower()}",
        f"number={number}",
        "q=geneve",
        "q=SIEGE+rhone",
        "postal_code=12",
        "country=CH",
    ):
        found = (await account.get(f"/sites?{query}")).json()["items"]
        assert made["Siège"] in found, query
        assert made["Atelier"] not in found or query == f"number={number[:4].lower()}"
    assert (await account.get("/sites?q=geneve+gent")).json()["items"] == []
    assert (await account.get(f"/sites?number={number}2")).json()["items"] == []
    short = await account.get("/sites?q=g")
    assert (short.status_code, short.json()["errors"][0]["pointer"]) == (422, "/query/q")
    assert len((await account.get("/sites?q=%25_")).json()["items"]) == 2  # no letter, no wildcard: nothing asked for


@pytest.mark.requirement("ACT-05")
async def test_the_list_goes_on_page_by_page(account):
    made = [(await account.create(f"Home {n}", street=f"Kerkstraat {n}"))["site_number"] for n in range(1, 6)]
    shown, cursor = [], ""
    while cursor is not None:
        page = (await account.get(f"/sites?limit=2{cursor}")).json()
        shown += [item["site_number"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert shown == made[::-1]


@pytest.mark.requirement("ACT-05")
async def test_only_its_account_its_organisation_and_servers_see_a_site(room):
    shared = {"organisation": str(uuid4()), "scopes": ["files:organisation"]}
    anton, anne = Account(room, **shared), Account(room, **shared)
    site = await anton.create()
    logistics = Account(room, scopes=["files:all"])
    strangers = [Account(room), Account(room, scopes=["files:organisation"], organisation=str(uuid4()))]
    strangers += [Account(room, organisation=shared["organisation"]), Account(room, scopes=["files:all"], brand="ibm")]
    strangers += [Account(room, sub=anton.claims["sub"], contact=anton.contact)]  # the same, having left
    path = f"/sites/{site['site_number']}"
    for seer in (anton, anne, logistics):
        assert (await seer.get(path)).json() == site
        assert site in (await seer.get("/sites?q=gent")).json()["items"]
    unknown = (await strangers[0].get("/sites/S-2222-2222")).json()
    for stranger in strangers:
        for answer in (await stranger.get(path), await stranger.post(f"{path}/changes", {"name": "mine"})):
            hidden = answer.json()
            assert {**hidden, "correlation_id": ""} == {**unknown, "correlation_id": ""}
        assert (await stranger.post(f"{path}/closing", {})).status_code == 404
        assert site not in (await stranger.get("/sites")).json()["items"]


@pytest.mark.requirement("ACT-05")
async def test_a_server_says_whose_site_it_is_and_an_account_does_not(room, account):
    server = Account(room, scopes=["files:all"], sub="gateway", contact="")
    body = {"brand": "d-link", "name": "Home", "address": HOME}
    assert (await server.post("/sites", body)).json()["code"] == "customer-needed"
    ella, egon = str(uuid4()), str(uuid4())
    made = [(await server.post("/sites", body | {"customer_id": one})).json() for one in (ella, egon)]
    assert [one["customer_id"] for one in made] == [ella, egon]
    assert (await Account(room, contact=ella).get(f"/sites/{made[0]['site_number']}")).json() == made[0]
    refused = await account.post("/sites", body | {"customer_id": ella})
    assert (refused.status_code, refused.json()["code"]) == (422, "customer-is-caller")


@pytest.mark.parametrize(
    ("address", "more", "code", "field", "accepted"),
    [
        ({"country": "US", "postal_code": "10001"}, {}, "time-zone-needed", "/time_zone", "America/New_York"),
        ({"country": "ES"}, {"time_zone": "Europe/Paris"}, "time-zone-elsewhere", "/time_zone", "Atlantic/Canary"),
        ({}, {"time_zone": "Europe/Atlantis"}, "time-zone-elsewhere", "/time_zone", "Europe/Brussels"),
        ({"country": "XX"}, {}, "country-unknown", "/address/country", "BE"),
        ({"country": "be"}, {}, "fields-not-acceptable", "/address/country", "[A-Z]"),
        ({"street": "BP 12"}, {}, "street-needed", "/address/street", None),
        ({"street": "---"}, {}, "street-needed", "/address/street", None),
        ({"street": ""}, {}, "fields-not-acceptable", "/address/street", None),
        ({"postal_code": ""}, {}, "postal-code-needed", "/address/postal_code", None),
        ({"city": "\x07"}, {}, "fields-not-acceptable", "/address/city", None),
        ({"floor": "3"}, {}, "fields-not-acceptable", "/address/floor", None),
        ({}, {"name": "x" * 121}, "fields-not-acceptable", "/name", None),
        ({}, {"brand": "acme"}, "brand-not-yours", "/brand", "d-link"),
    ],
)
async def test_bad_input_names_the_field_and_what_would_be_accepted(account, address, more, code, field, accepted):
    answer = await account.post("/sites", {"brand": "d-link", "name": "Home", "address": HOME | address} | more)
    told = answer.json()
    assert (told["code"], told["errors"][0]["pointer"]) == (code, field), answer.text
    assert accepted is None or accepted in str(told["errors"][0]["accepted"])


@pytest.mark.requirement("ACT-05")
@pytest.mark.parametrize(
    ("country", "postal_code", "named", "kept"),
    [
        ("DE", "10115", None, "Europe/Berlin"),  # two zones that show one time
        ("NZ", "1010", "Pacific/Auckland", "Pacific/Auckland"),
        ("CA", "H2X 1Y4", "America/Toronto", "America/Toronto"),
        ("ES", "28001", "Europe/Madrid", "Europe/Madrid"),
        ("HK", "", None, "Asia/Hong_Kong"),  # no postal codes there
    ],
)
async def test_a_site_has_a_time_zone_of_its_country(account, country, postal_code, named, kept):
    address = {"street": "Main Street 1", "postal_code": postal_code, "city": "Town", "country": country}
    body = {"brand": "d-link", "name": "Home", "address": address} | ({"time_zone": named} if named else {})
    made = await account.post("/sites", body)
    assert made.status_code == 201, made.text
    assert made.json()["time_zone"] == kept


async def test_the_same_command_under_the_same_key_makes_one_site(account):
    body = {"brand": "d-link", "name": "Home", "address": HOME}
    first, again = [await account.post("/sites", body, key="site-1") for _ in range(2)]
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")


@pytest.mark.requirement("ALL-05")
async def test_an_address_is_in_no_fact(room, account):
    await account.create()
    assert await room.said() == []


def test_numbers_are_drawn_and_can_be_typed_by_hand():
    drawn = {new_number() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(written(number.lower().replace("-", " ")) == number for number in drawn)
    assert written("nonsense") == "nonsense"

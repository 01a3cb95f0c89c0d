"""Announcements reach those whom they concern, in their period and language, and nobody else (REG-07)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from event_schemas.registration_accounts import AnnouncementPublished, AnnouncementWithdrawn
from event_schemas.roles import ROLES

from .casework import Actor
from .conftest import refused

TITLE = {"en": "Dealer card, winter", "fr": "Dealercard, hiver", "nl": "Dealerkaart, winter"}
BODY = {"en": "Prices.\nConditions.", "fr": "Prix.\nConditions.", "nl": "Prijzen.\nVoorwaarden."}
CARD = {
    "brand": "samsung-belux",
    "kind": "dealer_card",
    "title": TITLE,
    "body": BODY,
    "valid_from": "2026-11-22T09:00:00Z",
    "valid_until": "2026-12-22T09:00:00Z",
}
DOWN = {"kind": "downtime", "starts_at": "2026-12-02T20:00:00Z", "ends_at": "2026-12-05T08:00:00Z"}
START = datetime(2026, 11, 22, 9, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def staff(desk) -> Actor:
    return Actor(desk.room, "staff")


@pytest.fixture
def organisation(desk):
    """Members of new organisations, by country."""
    pool = desk.room.database.pool

    async def found(country: str, role: str = "dealer-member", brand: str = "samsung-belux") -> Actor:
        account, own = uuid4(), uuid4()
        contact, email = uuid4(), f"{account}@example.com"
        await pool.execute(
            "INSERT INTO contacts (contact_id, brand, name, email, language, changed_at) "
            "VALUES ($1, $2, '', $3, 'en', $4)",
            *(contact, brand, email, START),
        )
        await pool.execute(
            "INSERT INTO accounts (account_id, brand, email, contact_id, state, language, created_at, changed_at) "
            "VALUES ($1, $2, $3, $4, 'verified', 'en', $5, $5)",
            *(account, brand, email, contact, START),
        )
        await pool.execute(
            "INSERT INTO organisations (organisation_id, brand, name, street, postal_code, city, country, members_see, "
            "folded_name, folded_postal_code, folded_text, created_by, created_at) "
            "VALUES ($1, $2, 'Shop', 'S', '1', 'C', $3, 'own', $4, '1', 'shop', $5, $6)",
            *(own, brand, country, str(own), account, START),
        )
        return Actor(desk.room, role, {"sub": str(account), "organisation": str(own), "brand": brand})

    return found


async def publish(staff: Actor, **changes) -> str:
    answer = await staff.post("/announcements", {**CARD, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()["announcement_id"]


async def shown(reader: Actor, query: str = "") -> set[str]:
    answer = await reader.get(f"/announcements?limit=200{query}")
    assert answer.status_code == 200, answer.text
    return {item["announcement_id"] for item in answer.json()["items"]}


@pytest.mark.requirement("REG-07")
async def test_an_announcement_is_said_and_shown_in_the_readers_language(desk, staff, organisation) -> None:
    own = await publish(staff, countries=["BE"], roles=["dealer-member"])
    (fact,) = await desk.said()
    assert isinstance(fact, AnnouncementPublished)
    assert (str(fact.announcement_id), fact.kind, fact.countries) == (own, "dealer_card", ("BE",))
    assert fact.title.nl == TITLE["nl"]
    reader = await organisation("BE")
    for language, title in TITLE.items():
        items = (await reader.get("/announcements", language=language)).json()["items"]
        (item,) = [one for one in items if one["announcement_id"] == own]
        assert (item["title"], item["body"], item["attachment"]) == (title, BODY[language], None)


@pytest.mark.requirement("REG-07")
async def test_dealer_cards_by_country_concern_dealers_of_that_country_only(desk, staff, organisation) -> None:
    belgian, everywhere = await publish(staff, countries=["BE"]), await publish(staff)
    readers = [await organisation("BE"), await organisation("LU"), Actor(desk.room, "end-customer")]
    seen = [await shown(reader, "&kind=dealer_card&brand=samsung-belux") & {belgian, everywhere} for reader in readers]
    assert seen == [{belgian, everywhere}, {everywhere}, {everywhere}]


@pytest.mark.requirement("REG-07")
async def test_announcements_concern_roles_and_brands_and_servers_see_them_all(desk, staff, organisation) -> None:
    for_admins = await publish(staff, roles=["dealer-admin"])
    other_brand = await publish(staff, brand="ibm")
    both = {for_admins, other_brand}
    assert await shown(await organisation("BE", "dealer-admin")) & both == {for_admins}
    assert await shown(await organisation("BE", "dealer-member")) & both == set()
    assert await shown(await organisation("US", "dealer-admin", "ibm")) & both == {other_brand}
    assert await shown(Actor(desk.room, "gateway")) & both == both
    assert await shown(Actor(desk.room, "gateway"), "&brand=ibm") & both == {other_brand}
    assert await shown(await organisation("BE"), "&brand=ibm") & both == set()
    assert await shown(Actor(desk.room, "gateway"), "&kind=news") & both == set()


@pytest.mark.requirement("REG-07")
@pytest.mark.parametrize(
    ("moment", "visible"),
    [
        (START - INSTANT, False),
        (START, True),
        (START + timedelta(days=30) - INSTANT, True),
        (START + timedelta(days=30), False),
    ],
)
async def test_an_announcement_is_shown_from_its_first_moment_to_its_last(
    desk, staff, organisation, moment, visible
) -> None:
    own, reader = await publish(staff), await organisation("BE")
    desk.room.clock.set(moment)
    assert (own in await shown(reader)) is visible
    assert own in await shown(staff, "&any_period=true")


@pytest.mark.requirement("REG-07")
async def test_only_those_who_publish_may_ask_for_any_period(desk) -> None:
    answer = await Actor(desk.room, "gateway").get("/announcements?any_period=true")
    refused(answer, 403, "scope-missing", "/any_period")


@pytest.mark.requirement("REG-07")
async def test_a_withdrawn_announcement_is_gone_for_its_readers_and_withdrawn_once(desk, staff, organisation) -> None:
    own, reader = await publish(staff), await organisation("BE")
    await desk.said()
    answer = await staff.post(f"/announcements/{own}/withdrawal")
    assert (answer.status_code, answer.json()["withdrawn_at"]) == (200, "2026-11-22T09:00:00Z")
    assert [type(fact) for fact in await desk.said()] == [AnnouncementWithdrawn]
    assert own not in await shown(reader)
    again = await staff.post(f"/announcements/{own}/withdrawal")
    assert (again.status_code, again.json()["code"]) == (409, "announcement-withdrawn")
    assert await desk.said() == []
    assert (await staff.post(f"/announcements/{uuid4()}/withdrawal")).status_code == 404
    of_a_brand = Actor(desk.room, "staff", {"brand": "ibm"})
    other = await publish(staff)
    assert (await of_a_brand.post(f"/announcements/{other}/withdrawal")).status_code == 404


@pytest.mark.requirement("REG-07")
async def test_an_attachment_is_fetched_by_those_whom_the_announcement_concerns(desk, staff, organisation) -> None:
    room = desk.room
    headers = room._headers(ROLES["staff"], "en", {"sub": "staff-1"}) | {"Idempotency-Key": str(uuid4())}
    text = b"model;price\r\nUE70TU7100WXXN;1\r\n"
    kept = await room.client.post("/documents?name=card.csv", content=text, headers=headers)
    assert kept.status_code == 201, kept.text
    own = await publish(staff, countries=["BE"], attachment=kept.json()["document_id"])
    belgian, dutch = await organisation("BE"), await organisation("NL")
    items = (await belgian.get("/announcements")).json()["items"]
    (link,) = [item["attachment"] for item in items if item["announcement_id"] == own]
    file = await belgian.get(link)
    assert (file.status_code, file.content) == (200, text)
    assert "card.csv" in file.headers["content-disposition"]
    assert (await belgian.get(f"/documents/{kept.json()['document_id']}")).status_code == 404
    hidden, unknown = await dutch.get(link), await dutch.get(f"/announcements/{uuid4()}/attachment")
    assert {**hidden.json(), "correlation_id": ""} == {**unknown.json(), "correlation_id": ""}
    assert hidden.status_code == 404
    without = await publish(staff)
    assert (await belgian.get(f"/announcements/{without}/attachment")).status_code == 404
    answer = await staff.post("/announcements", {**CARD, "attachment": str(uuid4())})
    refused(answer, 422, "document-unknown", "/attachment")


@pytest.mark.requirement("REG-07")
async def test_planned_downtimes_are_public_until_they_are_over_the_next_one_first(desk, staff) -> None:
    room = desk.room
    late = {"starts_at": "2026-12-12T20:00:00Z", "ends_at": "2026-12-13T08:00:00Z"}
    second = await publish(staff, **DOWN | late)
    first = await publish(staff, **DOWN, countries=["BE"])
    internal = await publish(staff, **DOWN, roles=["staff"])
    await publish(staff, **DOWN, brand="ibm")
    gone = await publish(staff, **DOWN)
    await staff.post(f"/announcements/{gone}/withdrawal")

    async def listed(query: str = "") -> list[str]:
        answer = await room.client.get(f"/downtimes?brand=samsung-belux{query}", headers={"Accept-Language": "nl"})
        assert answer.status_code == 200, answer.text
        assert "max-age" in answer.headers["cache-control"]
        assert all(item["title"] == TITLE["nl"] for item in answer.json()["items"])
        return [item["announcement_id"] for item in answer.json()["items"]]

    assert await listed() == [first, second]
    assert await listed("&country=LU") == [second]
    room.clock.set(datetime(2026, 12, 5, 8, tzinfo=UTC) - INSTANT)
    assert await listed() == [first, second]
    room.clock.set(datetime(2026, 12, 5, 8, tzinfo=UTC))
    assert await listed() == [second]
    assert internal not in await listed()
    answer = await room.client.get("/downtimes?brand=nobody")
    refused(answer, 422, "brand-unknown", "/brand")


@pytest.mark.requirement("REG-07")
@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"countries": ["BE", "XX"]}, "country-unknown", "/countries/1"),
        ({"roles": ["king"]}, "role-unknown", "/roles/0"),
        ({"valid_until": CARD["valid_from"]}, "period-empty", "/valid_until"),
        ({"starts_at": DOWN["starts_at"]}, "downtime-only", "/starts_at"),
        ({"ends_at": DOWN["ends_at"]}, "downtime-only", "/ends_at"),
        ({"kind": "downtime", "ends_at": DOWN["ends_at"]}, "downtime-incomplete", "/starts_at"),
        ({"kind": "downtime", "starts_at": DOWN["starts_at"]}, "downtime-incomplete", "/ends_at"),
        ({**DOWN, "ends_at": DOWN["starts_at"]}, "period-empty", "/ends_at"),
        ({**DOWN, "valid_until": "2026-12-05T07:59:59Z"}, "announcement-too-short", "/valid_until"),
        ({"brand": "nobody"}, "brand-unknown", "/brand"),
        ({"valid_from": "2026-11-22T09:00:00"}, "fields-not-acceptable", "/valid_from"),
        ({"valid_from": 0}, "fields-not-acceptable", "/valid_from"),
        ({"valid_from": "1999-12-31T23:59:59Z"}, "moment-impossible", "/valid_from"),
        ({"valid_until": "9999-12-31T23:59:59-12:00"}, "moment-impossible", "/valid_until"),
        ({"title": {"en": "T", "fr": "T"}}, "fields-not-acceptable", "/title/nl"),
        ({"kind": "party"}, "fields-not-acceptable", "/kind"),
    ],
)
async def test_an_announcement_that_does_not_fit_is_refused_with_its_field(desk, staff, changes, code, pointer) -> None:
    refused(await staff.post("/announcements", {**CARD, **changes}), 422, code, pointer)
    assert await desk.said() == []


@pytest.mark.requirement("REG-07", "ALL-06")
@pytest.mark.parametrize("role", [role for role in ROLES if "announcements:write" not in ROLES[role]])
async def test_only_staff_publish(desk, role) -> None:
    answer = await Actor(desk.room, role).post("/announcements", CARD)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")

"""What anybody may know of a brand, from its policy alone (POL-03)."""

import pytest

from registration_service.policy import BOOK

SHIPPED = ["carri", "d-link", "dynabook", "ibm", "samsung-belux"]
CONTACTS = {  # D35, S19, S20, I30, C03, C08; the addresses at .example are ours
    "dynabook": ("registration_fr@dynabook.com", None, None),
    "d-link": ("assist@d-link.example", None, None),
    "samsung-belux": ("dealer@samsung.be", "dealer@samsung.be", None),
    "ibm": ("servicepac@ibm.example", None, "1 800 426-7378"),
    "carri": ("sav@carri.com", None, "01.48.97.32.32"),
}


@pytest.mark.requirement("POL-03", "POL-02")
async def test_every_brand_tells_its_contacts_and_languages_without_a_token(desk) -> None:
    answer = await desk.room.client.get("/brands")
    assert answer.status_code == 200
    brands = {view["brand"]: view for view in answer.json()["items"]}
    assert list(brands) == SHIPPED
    for brand, contacts in CONTACTS.items():
        told = brands[brand]["contacts"]
        assert (told["requests"], told["dealer_line"], told["hotline"]) == contacts
        assert set(brands[brand]["languages"]) == {"fr", "nl", "en"}
    assert (await desk.room.client.get("/brands/carri")).json() == brands["carri"]


@pytest.mark.requirement("POL-03")
@pytest.mark.parametrize(
    ("language", "hours", "service"),
    [
        ("fr", "Du lundi au vendredi", "Garantie sur site 3 ans"),
        ("nl", "Maandag tot vrijdag", "Garantie ter plaatse 3 jaar"),
        ("en", "Monday to Friday", "On-site warranty 3 years"),
        ("de", "Monday to Friday", "On-site warranty 3 years"),
    ],
)
async def test_hours_hints_and_services_are_in_the_readers_language(desk, language, hours, service) -> None:
    answer = await desk.room.client.get("/brands/carri", headers={"Accept-Language": language})
    view = answer.json()
    assert view["contacts"]["support_hours"].startswith(hours)
    assert {one["reference"]: one["name"] for one in view["services"]}["CARRI-SITE-36"] == service
    assert view["serial"]["hint"] == BOOK.of("carri").serial_hint.speak(language)


@pytest.mark.requirement("POL-03", "REG-13")
async def test_a_front_end_learns_the_label_rule_and_the_services_with_their_models(desk) -> None:
    view = (await desk.room.client.get("/brands/dynabook")).json()
    assert view["serial"]["form"] == "[0-9A-RT-Z]{9,10}"
    assert view["serial"]["likely"] == {"S": "5", " ": ""}
    assert view["policy_version"] == BOOK.of("dynabook").version
    services = {one["reference"]: (one["models"], one["extends_warranty"]) for one in view["services"]}
    assert services["PPCP013FR-VGAD"] == (["PT*", "X*", "A*"], True)


@pytest.mark.requirement("POL-03", "ALL-01")
async def test_what_is_known_already_is_not_sent_again(desk) -> None:
    client = desk.room.client
    for path in ("/brands", "/brands/ibm"):
        first = await client.get(path, headers={"Accept-Language": "fr"})
        assert "max-age" in first.headers["cache-control"]
        tag = {"If-None-Match": first.headers["etag"]}
        again = await client.get(path, headers={**tag, "Accept-Language": "fr"})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get(path, headers={**tag, "Accept-Language": "nl"})).status_code == 200


@pytest.mark.requirement("POL-03")
async def test_an_unknown_brand_is_not_found(desk) -> None:
    answer = await desk.room.client.get("/brands/nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.requirement("POL-02", "POL-03")
async def test_a_sixth_brand_is_shown_from_its_file_alone(desk, tmp_path) -> None:
    from importlib import resources

    text = (resources.files("registration_service") / "policies" / "carri.toml").read_text(encoding="utf-8")
    (tmp_path / "registration").mkdir()
    (tmp_path / "registration" / "sixth.toml").write_text(text.replace('brand = "carri"', 'brand = "sixth"'))
    BOOK.load(tmp_path)
    listed = (await desk.room.client.get("/brands")).json()["items"]
    assert [view["brand"] for view in listed] == sorted([*SHIPPED, "sixth"])

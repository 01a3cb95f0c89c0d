"""Offers are looked up, published, changed and withdrawn over HTTP (ACT-04)."""

import asyncio
from typing import Any

import pytest

from activation_service.offers import handlers
from activation_service.offers.catalogue import publish_all
from activation_service.policy import BOOK

NEW = {
    "brand": "dynabook",
    "reference": "PPCP024FR-VGAD",
    "name": {"en": "Pack 2 years", "fr": "Pack 2 ans", "nl": "Pack 2 jaar"},
    "duration_months": 24,
    "response_level": "on-site-next-business-day",
    "models": ["PT*", "X40-[A-F]?"],
    "terms_version": "2026-01",
}
PACK = "/offers/PPCP013FR-VGAD"
HERE = {"brand": "dynabook"}


@pytest.fixture(autouse=True)
async def published(room) -> None:
    BOOK.load()  # as the command line does before anything runs
    await room.database.pool.execute("DELETE FROM offers")
    await publish_all(room.database)
    await room.said()


async def matched(room, path: str, body: dict[str, Any], tag: str, key: str = "a") -> Any:
    headers = {**room._headers(None, "en"), "Idempotency-Key": f"{path}{key}{tag}", "If-Match": tag}
    return await room.client.post(path, json=body, headers=headers)


def fault(answer) -> tuple[int, str, list[str]]:
    told = answer.json()
    return answer.status_code, told["code"], [error["pointer"] for error in told["errors"]]


@pytest.mark.requirement("ACT-04")
@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Pack Pro Connect 3 years"), ("fr", "Pack Pro Connect 3 ans"), ("nl", "Pack Pro Connect 3 jaar")],
)
async def test_an_offer_is_shown_in_the_readers_language_with_all_names_patterns_and_terms(room, language, name):
    answer = await room.get(f"{PACK}?brand=dynabook", scopes=["offers:read"], language=language)
    shown = answer.json()
    assert (shown["name"], shown["names"]["fr"]) == (name, "Pack Pro Connect 3 ans")
    assert shown["models"] == ["PT*", "X*", "A*"]
    assert (shown["terms_version"], shown["revision"], shown["on_sale"]) == ("2026-01", 1, True)
    again = {**room._headers(None, language), "If-None-Match": answer.headers["ETag"]}
    assert (await room.client.get(f"{PACK}?brand=dynabook", headers=again)).status_code == 304
    other = {**room._headers(None, "nl" if language == "en" else "en"), "If-None-Match": answer.headers["ETag"]}
    assert (await room.client.get(f"{PACK}?brand=dynabook", headers=other)).status_code == 200


@pytest.mark.requirement("ACT-04")
async def test_the_offers_for_a_model_are_asked_for_by_brand_model_and_sale(room):
    async def asked(query: str) -> list[str]:
        return [
            one["reference"] for one in (await room.get(f"/offers?{query}", scopes=["offers:read"])).json()["items"]
        ]

    assert await asked("brand=dynabook") == ["PPCP013FR-VGAD", "EXT2FR-X40"]
    assert await asked("brand=dynabook&model=pt5b1e-0k601") == ["PPCP013FR-VGAD"]
    assert await asked("brand=d-link&model=DGS-3130") == ["DAS-A-36", "DAS-C-12"]
    await room.post(f"{PACK}/withdrawal", HERE)
    assert await asked("brand=dynabook&on_sale=true&model=X40-K") == ["EXT2FR-X40"]
    assert await asked("brand=dynabook&on_sale=false") == ["PPCP013FR-VGAD"]


async def test_unknown_offers_brands_and_other_brands_are_told_as_such(room):
    assert fault(await room.get("/offers/NONE?brand=dynabook"))[:2] == (404, "not-found")
    assert fault(await room.get("/offers/%00?brand=dynabook"))[:2] == (422, "fields-not-acceptable")
    assert fault(await room.get("/offers?brand=none"))[:2] == (422, "brand-unknown")
    theirs = {"claims": {"brand": "ibm"}}
    assert fault(await room.get("/offers?brand=dynabook", **theirs)) == (403, "brand-not-yours", ["/query/brand"])
    assert fault(await room.post("/offers", NEW, **theirs)) == (403, "brand-not-yours", ["/brand"])
    for path, body in (("/offers", NEW), (f"{PACK}/changes", HERE), (f"{PACK}/withdrawal", HERE)):
        assert (await room.post(path, body, scopes=["offers:read"])).status_code == 403
        assert fault(await room.post(path, body | {"brand": "none"}))[:2] == (422, "brand-unknown")
    assert (await room.get("/offers?brand=dynabook", scopes=["activations:read"])).status_code == 403
    for deed in ("changes", "withdrawal"):
        assert fault(await room.post(f"/offers/NONE/{deed}", HERE))[:2] == (404, "not-found")
    assert await room.said() == []


@pytest.mark.requirement("ACT-04")
async def test_a_new_offer_is_published_once_and_can_be_used_at_once(room):
    answers = [await room.post("/offers", NEW, key="new-offer", scopes=["offers:write"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["name"] == "Pack 2 years"
    (fact,) = await room.said()
    assert (fact.reference, fact.revision, fact.on_sale, fact.names.nl) == ("PPCP024FR-VGAD", 1, True, "Pack 2 jaar")
    assert str(fact.offer_id) == answers[0].json()["offer_id"]
    offer = await handlers.offer_for("dynabook", "PPCP024FR-VGAD", "X40-B1", room.database.pool)
    assert offer.duration_months == 24
    assert fault(await room.post("/offers", NEW)) == (409, "offer-exists", ["/reference"])
    assert (await room.post("/offers", NEW | {"brand": "ibm"})).status_code == 201, "each brand has its own references"


@pytest.mark.requirement("ACT-04")
async def test_of_two_who_publish_one_reference_at_once_one_is_told_that_it_exists(room):
    answers = await asyncio.gather(*(room.post("/offers", NEW) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert len(await room.said()) == 1


@pytest.mark.requirement("ACT-04")
async def test_a_change_keeps_what_it_does_not_name_and_null_takes_a_rule_away(room):
    first = await room.post("/offers/DAS-A-36/changes", {"brand": "d-link", "duration_months": 30, "countries": ["FR"]})
    assert (first.json()["revision"], first.json()["code_days"], first.json()["countries"]) == (2, 90, ["FR"])
    second = await room.post("/offers/DAS-A-36/changes", {"brand": "d-link", "code_days": None, "countries": None})
    shown = second.json()
    assert (shown["duration_months"], shown["code_days"], shown["countries"]) == (30, None, None)
    assert [(fact.revision, fact.duration_months, fact.code_days) for fact in await room.said()] == [
        (2, 30, 90),
        (3, 30, None),
    ]
    same = await room.post("/offers/DAS-A-36/changes", {"brand": "d-link", "duration_months": 30})
    assert (same.status_code, same.json()["revision"]) == (200, 3)
    assert await room.said() == []


@pytest.mark.requirement("ACT-04")
async def test_a_change_of_an_offer_that_changed_meanwhile_is_refused(room):
    tag = (await room.get(f"{PACK}?brand=dynabook")).headers["ETag"]
    assert (await matched(room, f"{PACK}/changes", HERE | {"duration_months": 40}, tag)).status_code == 200
    for path in (f"{PACK}/changes", f"{PACK}/withdrawal"):
        late = await matched(room, path, HERE | ({"duration_months": 41} if "changes" in path else {}), tag, "late")
        assert fault(late) == (412, "offer-changed", ["/If-Match"])
        assert late.json()["errors"][0]["accepted"] == '"2-en"'
    assert [fact.revision for fact in await room.said()] == [2]
    current = (await room.get(f"{PACK}?brand=dynabook", language="nl")).headers["ETag"]
    assert (await matched(room, f"{PACK}/withdrawal", HERE, current)).status_code == 200


@pytest.mark.requirement("ACT-04")
async def test_a_withdrawn_offer_still_serves_what_was_sold_and_can_be_put_on_sale_again(room):
    for _ in range(2):
        answer = await room.post(f"{PACK}/withdrawal", HERE)
        assert (answer.status_code, answer.json()["on_sale"], answer.json()["revision"]) == (200, False, 2)
    offer = await handlers.offer_for("dynabook", "PPCP013FR-VGAD", "PT5B1E", room.database.pool)
    assert offer.duration_months == 36
    answer = await room.post(f"{PACK}/changes", HERE | {"on_sale": True})
    assert (answer.json()["on_sale"], answer.json()["revision"]) == (True, 3)
    assert [(fact.revision, fact.on_sale) for fact in await room.said()] == [(2, False), (3, True)]


@pytest.mark.requirement("ACT-04", "ALL-01")
@pytest.mark.parametrize(
    ("wrong", "pointer", "accepted"),
    [
        ({"colour": "red"}, "/colour", None),
        ({"reference": "with space"}, "/reference", r"^[A-Za-z0-9]"),
        ({"reference": "a/b"}, "/reference", r"^[A-Za-z0-9]"),
        ({"models": []}, "/models", 1),
        ({"models": ["PT*", "pt*"]}, "/models/1", r"^[^\sa-z]+$"),
        ({"models": ["PT*", "X40-[AB"]}, "/models/1", None),
        ({"duration_months": 0}, "/duration_months", 1),
        ({"duration_months": 121}, "/duration_months", 120),
        ({"duration_months": "24"}, "/duration_months", None),
        ({"response_level": "On Site"}, "/response_level", "^[a-z0-9]"),
        ({"terms_version": "v2"}, "/terms_version", r"^\d{4}"),
        ({"transfer": "vanishes"}, "/transfer", "'follows' or 'ends'"),
        ({"countries": []}, "/countries", 1),
        ({"countries": ["FR", "France"]}, "/countries/1", "^[A-Z]{2}$"),
        ({"code_days": 0}, "/code_days", 1),
        ({"extends_warranty": 1}, "/extends_warranty", None),
        ({"name": {"en": "x", "fr": "y"}}, "/name/nl", None),
        ({"name": None}, "/name", None),
    ],
)
async def test_bad_input_names_field_value_and_what_is_accepted_and_changes_nothing(room, wrong, pointer, accepted):
    asked = [("/offers", NEW | wrong)]
    if "reference" not in wrong:
        asked.append((f"{PACK}/changes", HERE | wrong))
    for path, body in asked:
        answer = await room.post(path, body)
        assert fault(answer) == (422, "fields-not-acceptable", [pointer]), answer.text
        (error,) = answer.json()["errors"]
        assert error["message"]
        if isinstance(accepted, str):
            assert str(error["accepted"]).startswith(accepted)
        elif accepted is not None:
            assert error["accepted"] == accepted
    assert await room.said() == []


async def test_a_bracket_that_is_not_closed_is_told_in_words(room):
    answer = await room.post("/offers", NEW | {"models": ["X40-[AB"]})
    assert "each bracket closed" in answer.json()["errors"][0]["message"]
    assert answer.json()["errors"][0]["value"] == "X40-[AB"

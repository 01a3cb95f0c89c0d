"""The catalogue is loaded from the policies, once, and outlives restarts and changes of either (ACT-04, POL-01)."""

import asyncio
import json
from contextlib import suppress

import pytest
from structlog.testing import capture_logs
from tests.support.waiting import is_true, until

from activation_service.offers import handlers
from activation_service.offers.catalogue import publish_all, publish_catalogue
from activation_service.policy import BOOK, policy_of
from event_schemas.activation import ActivationRefusal
from event_schemas.activation_offers import OfferPublished

ACME = {"brand": "acme"}
LONGER = ("duration_months = 12", "duration_months = 18")
SECOND = """
[[offers]]
reference = "SIX-24"
name = { en = "Four times six months", fr = "Quatre fois six mois", nl = "Vier keer zes maanden" }
duration_months = 24
response_level = "mail-in"
models = ["S6-*"]
terms_version = "2026-12"
"""


@pytest.fixture(autouse=True)
async def empty(room) -> None:
    BOOK.load()  # as the command line does before anything runs
    await room.database.pool.execute("DELETE FROM offers")


async def restart(room) -> list[OfferPublished]:
    """What a start says."""
    await publish_all(room.database)
    said = await room.said()
    assert all(isinstance(fact, OfferPublished) for fact in said)
    return said


@pytest.mark.requirement("ACT-04")
async def test_the_offers_of_all_brands_are_published_once_however_often_the_service_starts(room):
    said = await restart(room)
    assert {(fact.brand, fact.reference) for fact in said} == {
        (brand, reference) for brand in BOOK.brands() for reference in policy_of(brand).shipped
    }
    assert {(fact.revision, fact.on_sale) for fact in said} == {(1, True)}
    assert len({fact.offer_id for fact in said}) == len(said) >= 10
    assert await restart(room) == []


@pytest.mark.requirement("ACT-04")
async def test_an_offer_is_told_with_all_that_others_judge_by(room):
    said = {fact.reference: fact for fact in await restart(room)}
    assert json.loads(said["DAS-A-36"].model_dump_json(exclude={"offer_id"})) == {
        "brand": "d-link",
        "revision": 1,
        "reference": "DAS-A-36",
        "names": {
            "en": "D-Link Assist 3 years, next business day",
            "fr": "D-Link Assist 3 ans, jour ouvré suivant",
            "nl": "D-Link Assist 3 jaar, volgende werkdag",
        },
        "duration_months": 36,
        "response_level": "advance-replacement-next-business-day",
        "models": ["DGS-*", "DXS-*", "DES-*", "DWS-*", "DWC-*"],
        "extends_warranty": False,
        "code_days": 90,
        "terms_version": "2026-01",
        "transfer": "ends",
        "on_sale": True,
    }


@pytest.mark.requirement("ACT-04", "ALL-02")
async def test_several_processes_that_start_at_once_publish_each_offer_once(room):
    await asyncio.gather(*(publish_all(room.database) for _ in range(6)))
    said = await room.said()
    assert len(said) == len({fact.offer_id for fact in said}) >= 10


@pytest.mark.requirement("ACT-04")
async def test_a_database_that_is_not_ready_is_waited_for(room):
    stop, pool = asyncio.Event(), room.database.pool
    await pool.execute("ALTER TABLE offers RENAME TO elsewhere")
    with capture_logs() as logs:
        errand = asyncio.create_task(publish_catalogue(room.database, None, stop, away_seconds=0.02))
        await until(is_true(lambda: len(logs) > 1), "a second attempt", 10)
        await pool.execute("ALTER TABLE elsewhere RENAME TO offers")
    brands = "SELECT count(DISTINCT brand) FROM offers"
    await until(lambda: pool.fetchval(f"SELECT ({brands}) = $1", len(BOOK.brands())), "the catalogue", 10)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(errand), 0.05)
    assert not errand.done(), "a part that ends takes the process with it"
    stop.set()
    await errand


@pytest.mark.requirement("ACT-04", "POL-01")
async def test_a_changed_entry_of_a_policy_is_the_next_revision_and_nothing_else_is_said(room, shelf):
    shelf.load("activation")
    await restart(room)
    shelf.load("activation", LONGER)
    (fact,) = await restart(room)
    assert (fact.reference, fact.revision, fact.duration_months) == ("SIX-12", 2, 18)
    assert await restart(room) == []
    offer = await handlers.offer_of("acme", "SIX-12", room.database.pool)
    assert offer.duration_months == 18


@pytest.mark.requirement("ACT-04", "POL-01")
async def test_a_command_outlives_restarts_until_the_policys_entry_changes(room, shelf):
    shelf.load("activation")
    await restart(room)
    answer = await room.post("/offers/SIX-12/changes", ACME | {"duration_months": 15})
    assert answer.status_code == 200, answer.text
    (fact,) = await room.said()
    assert (fact.revision, fact.duration_months) == (2, 15)
    assert await restart(room) == []
    shelf.load("activation", ("Two times six months", "Two half years"))
    (fact,) = await restart(room)
    assert (fact.revision, fact.duration_months, fact.names.en) == (3, 12, "Two half years")


@pytest.mark.requirement("ACT-04")
async def test_an_entry_that_leaves_the_policy_is_not_sold_any_more_and_comes_back_with_it(room, shelf):
    shelf.load("activation", ('transfer = "follows"', f'transfer = "follows"\n{SECOND}'))
    await restart(room)
    shelf.load("activation")
    (gone,) = await restart(room)
    assert (gone.reference, gone.revision, gone.on_sale) == ("SIX-24", 2, False)
    assert await restart(room) == []
    assert [one.reference for one in await handlers.offers_of("acme", room.database.pool, on_sale=True)] == ["SIX-12"]
    honoured = await handlers.offer_for("acme", "SIX-24", "S6-A", room.database.pool)
    assert honoured.duration_months == 24
    shelf.load("activation", ('transfer = "follows"', f'transfer = "follows"\n{SECOND}'))
    (back,) = await restart(room)
    assert (back.reference, back.revision, back.on_sale) == ("SIX-24", 3, True)


@pytest.mark.requirement("ACT-04")
async def test_an_offer_that_a_command_made_is_none_of_the_policys_business(room, shelf):
    shelf.load("activation")
    made = {"brand": "acme", "reference": "SIX-24", "name": {"en": "a", "fr": "b", "nl": "c"}}
    made |= {"duration_months": 24, "response_level": "mail-in", "models": ["S6-*"], "terms_version": "2026-12"}
    assert (await room.post("/offers", made)).status_code == 201
    assert [fact.reference for fact in await room.said()] == ["SIX-12", "SIX-24"]
    assert [fact.reference for fact in await restart(room) if fact.brand == "acme"] == []
    shelf.load("activation", LONGER)
    (fact,) = await restart(room)
    assert fact.reference == "SIX-12"


@pytest.mark.requirement("ACT-01", "ACT-04")
async def test_before_the_first_start_has_published_anything_the_policy_counts(room):
    pool = room.database.pool
    offer = await handlers.offer_for("dynabook", "EXT2FR-X40", "X40-K", pool)
    assert offer.duration_months == 24
    assert await handlers.offer_for("dynabook", "EXT2FR-X40", "PT5B1E", pool) is ActivationRefusal.MODEL_NOT_COVERED
    assert await handlers.offer_for("dynabook", "DAS-A-36", "X40-K", pool) is ActivationRefusal.OFFER_UNKNOWN
    assert [one.reference for one in await handlers.offers_of("dynabook", pool)] == ["PPCP013FR-VGAD", "EXT2FR-X40"]

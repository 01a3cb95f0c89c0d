"""What is sold is what activation says: any order, the highest revision; nothing is decided before it was heard."""

import asyncio
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from tests.support.catalogue import offer

from event_schemas.registration import OrderConfirmed

from .bulk import Bulk, utf8
from .conftest import NUMBERS, Desk, refused, without_offer

FRESH = {"models": ["X40-*"], "name": {"en": "Gold", "fr": "Or", "nl": "Goud"}}


def reference() -> str:
    """An offer's reference that no other test uses."""
    return f"GOLD-{next(NUMBERS)}"


async def services(desk: Desk, language: str = "en") -> dict[str, dict[str, Any]]:
    """What dynabook sells, by reference."""
    answer = await desk.room.client.get("/brands/dynabook", headers={"Accept-Language": language})
    return {one["reference"]: one for one in answer.json()["services"]}


@pytest.mark.requirement("ACT-04", "REG-08")
async def test_an_offer_can_be_ordered_as_soon_as_it_is_heard_and_hearing_it_says_nothing(desk) -> None:
    gold = reference()
    error = refused(await desk.order(service_reference=gold), 422, "offer-unknown", "/service_reference")
    assert (error["value"], error["accepted"]) == (gold, sorted(await services(desk)))
    await desk.said()
    await desk.room.hear(offer(reference=gold, **FRESH))
    assert await desk.said() == []
    answer = await desk.order(service_reference=gold)
    assert (answer.status_code, answer.json()["service_name"]) == (201, "Or")
    assert (await services(desk, "nl"))[gold]["name"] == "Goud"


@pytest.mark.requirement("ACT-04")
async def test_the_highest_revision_counts_in_whichever_order_they_are_heard_and_however_often(desk) -> None:
    for order in permutations(range(3)):
        gold = reference()
        revisions = [offer(reference=gold, revision=place + 1, name=f"Name {place + 1}") for place in range(3)]
        for place in (*order, order[0]):
            await desk.room.hear(revisions[place])
        assert (await services(desk))[gold]["name"] == "Name 3"


@pytest.mark.requirement("ACT-04", "REG-09")
async def test_a_withdrawn_offer_takes_no_orders_and_its_certificates_are_redeemed_all_the_same(desk) -> None:
    gold = reference()
    await desk.room.hear(offer(reference=gold, **FRESH))
    issued = await desk.certificate(service_reference=gold)
    await desk.room.hear(offer(reference=gold, revision=2, on_sale=False, **FRESH))
    error = refused(await desk.order(service_reference=gold), 422, "offer-unknown", "/service_reference")
    assert gold not in error["accepted"]
    assert gold not in await services(desk)
    form = await desk.room.client.get(f"/registration-form?certificate={issued.certificate_number}")
    assert (form.status_code, form.json()["service_name"]) == (200, "Gold")
    answer = await desk.register(issued.certificate_number, model="X40-K1")
    assert answer.status_code == 201, answer.text


@pytest.mark.requirement("ACT-04")
async def test_a_changed_offer_covers_other_models_from_then_on(desk) -> None:
    gold = reference()
    await desk.room.hear(offer(reference=gold, **FRESH))
    issued = await desk.certificate(service_reference=gold)
    error = refused(await desk.register(issued.certificate_number), 422, "model-not-covered", "/model")
    assert error["accepted"] == ["X40-*"]
    await desk.room.hear(offer(reference=gold, revision=2, **{**FRESH, "models": ["X40-*", "PT5B1E-0K601"]}))
    assert (await desk.register(issued.certificate_number)).status_code == 201


async def test_an_offer_of_a_brand_without_a_policy_here_does_no_harm(desk) -> None:
    await desk.room.hear(offer("nobody", reference="GOLD"))
    listed = (await desk.room.client.get("/brands")).json()["items"]
    assert "nobody" not in [view["brand"] for view in listed]


@pytest.mark.requirement("ACT-04", "REG-08")
async def test_as_long_as_nothing_was_heard_whatever_needs_the_catalogue_is_told_to_come_again(desk) -> None:
    issued = await desk.certificate()
    number, batch = issued.certificate_number, {"serial": desk.serial(), "purchased_on": "2026-11-20"}
    products = [{**batch, "model": "PT5B1E-0K601", "certificate": number}]
    sent = {"brand": "dynabook", "customer": {"name": "A", "email": "a@example.com", "language": "fr"}}
    async with without_offer(desk.room, ""):
        assert await services(desk) == {}
        for path in ("/brands", "/brands/dynabook"):
            assert (await desk.room.client.get(path)).headers["cache-control"] == "no-cache"
        before = await desk.rows()
        answers = [
            await desk.order(),
            await desk.register(number),
            await desk.room.post("/registration-batches", {**sent, "products": products}),
            await desk.room.client.get(f"/registration-form?certificate={number}"),
            await desk.room.client.get("/registration-form?certificate=FCAAAAAAAAAA"),
        ]
        assert await desk.rows() == before
    for answer in answers:
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
            503,
            "catalogue-unknown",
            "5",
        )
    assert (await desk.register(number)).status_code == 201


async def test_a_certificate_whose_offer_is_in_no_catalogue_any_more_is_refused_with_an_address(desk) -> None:
    issued = await desk.certificate(service_reference="EXT2FR-X40")
    async with without_offer(desk.room, "EXT2FR-X40"):
        answer = await desk.register(issued.certificate_number, model="X40-K1")
        shown = await desk.room.client.get(f"/registration-form?certificate={issued.certificate_number}")
        listed = (await desk.room.get("/certificates?limit=1")).json()["items"]
    assert "registration_fr@dynabook.com" in refused(answer, 422, "service-withdrawn", "/certificate")["detail"]
    assert shown.status_code == 404
    assert listed[0]["service_name"] == "EXT2FR-X40"


@pytest.mark.requirement("REG-20")
async def test_a_bulk_file_waits_for_the_catalogue_and_goes_on_by_itself(desk) -> None:
    bulk = Bulk(desk)
    issued = await desk.certificate(quantity=3)
    rows = [bulk.row(issued.certificate_number, email=f"cold{place}@example.com") for place in range(3)]
    async with without_offer(desk.room, ""):
        dossier = await bulk.open(utf8(rows))
        await bulk.work()
        waiting = await bulk.state(dossier)
        assert (waiting["state"], waiting["outcomes"]["registered"]) == ("running", 0)
    desk.room.clock.set(desk.room.clock.now().replace(hour=10))
    await bulk.work()
    assert await bulk.words(dossier) == ["registered"] * 3


@pytest.mark.requirement("REG-20")
async def test_a_row_of_a_file_costs_no_look_at_the_catalogue(desk, monkeypatch) -> None:
    """The whole chunk shares one, and whatever a row's own handler may ask is left out."""
    looks: list[str] = []
    from registration_service.offers import store

    for name in ("find", "of_brands"):
        own = getattr(store, name)

        async def counted(*given: Any, own: Any = own) -> Any:
            looks.append(own.__name__)
            return await own(*given)

        monkeypatch.setattr(store, name, counted)
    bulk = Bulk(desk)
    issued = await desk.certificate(quantity=40)
    rows = [bulk.row(issued.certificate_number, email=f"many{place}@example.com") for place in range(40)]
    looks.clear()
    dossier = await bulk.done(utf8(rows))
    assert await bulk.words(dossier) == ["registered"] * 40
    assert len(looks) <= 10


@pytest.mark.requirement("ACT-03", "REG-08")
async def test_an_order_says_its_day_of_purchase_or_is_bought_today_where_the_brand_lives(desk) -> None:
    desk.room.clock.set(desk.room.clock.now().replace(hour=3))  # still the day before in Toronto
    machine = {"brand": "ibm", "service_reference": "SPAC-MAILIN-12"}
    for said, kept in (({}, "2026-11-21"), ({"purchased_on": "2026-02-28"}, "2026-02-28")):
        answer = await desk.order(**machine, **said)
        assert answer.json()["purchased_on"] == kept
        confirmed = next(fact for fact in await desk.said() if isinstance(fact, OrderConfirmed))
        assert str(confirmed.purchased_on) == kept
    error = refused(await desk.order(**machine, purchased_on="2026-11-22"), 422, "purchase-in-future", "/purchased_on")
    assert (error["value"], error["accepted"]) == ("2026-11-22", "≤ 2026-11-21")
    answer = await desk.order(**machine, purchased_on="1989-12-31")
    error = refused(answer, 422, "fields-not-acceptable", "/purchased_on")
    assert (error["value"], error["accepted"]) == ("1989-12-31", "1990-01-01")


@pytest.mark.requirement("ACT-04")
async def test_an_offer_that_is_heard_while_orders_come_in_breaks_none_of_them(desk) -> None:
    gold = reference()
    await desk.room.hear(offer(reference=gold, **FRESH))

    async def changes() -> None:
        for revision in range(2, 12):
            await desk.room.hear(offer(reference=gold, revision=revision, **FRESH))

    *answers, _ = await asyncio.gather(*(desk.order(service_reference=gold) for _ in range(10)), changes())
    assert {answer.status_code for answer in answers} == {201}
    assert len({UUID(answer.json()["order_id"]) for answer in answers}) == 10

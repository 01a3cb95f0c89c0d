"""An activation whose product does not stand at its site waits for a person, who decides once (ACT-05)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from event_schemas.activation import (
    ActivationHeld,
    ActivationRefused,
    ActivationReleased,
    ServiceActivated,
    ServiceEnded,
    SiteAssigned,
)
from event_schemas.activation_contracts import ContractOpened
from event_schemas.activation_mail import ReviewAnswered
from event_schemas.registration_cases import MoveExecuted

from .asking import BRAND, HERE, THERE, THREE_YEARS, Person, presented, redeemed, taken_back
from .test_transfers import BUYER, transferred


class Held:
    """An item of a request that waits for a decision."""

    def __init__(self, room, person, request, unit):
        self.room, self.person, self.request, self.unit = room, person, request, unit
        self.path = f"/activation-requests/{request['request_id']}/items/{request['items'][0]['item_id']}"

    async def release(self, **more):
        return await self.room.post(f"{self.path}/release", {}, **more)

    async def refuse(self, reason="Not your building.", **more):
        return await self.room.post(f"{self.path}/refusal", {"reason": reason}, **more)

    async def state(self):
        (item,) = await self.person.shown(self.request)
        return item["state"]


async def asked(room, address=THERE, brand=BRAND, model="DGS-3630-28TC", service=THREE_YEARS):
    """A person who asked for a service, and the unit that registration redeems for it."""
    person = Person(room)
    await person.site(brand=brand)
    product = await person.product(brand=brand, model=model)
    await room.said()
    request = await person.ask(person.item(product, product_address=address, service_reference=service), brand=brand)
    (code,) = await presented(room)
    return person, request, redeemed(code, model=model)


async def held(room, **what) -> Held:
    person, request, unit = await asked(room, **what)
    await room.hear(unit)
    (fact,) = await room.said()
    assert isinstance(fact, ActivationHeld)
    return Held(room, person, request, unit)


@pytest.mark.requirement("ACT-05")
async def test_a_unit_whose_addresses_differ_is_redeemed_and_held_and_its_service_does_not_run(room):
    review = await held(room)
    (item,) = await review.person.shown(review.request)
    assert (item["state"], item["review"]["site_address"], item["review"]["product_address"]) == ("held", HERE, THERE)
    assert (await room.get(f"/activations?product_id={review.unit.product_id}")).json()["items"] == []
    await room.hear(review.unit)
    assert await room.said() == []


@pytest.mark.requirement("ACT-05", "ACT-02", "ACT-09")
async def test_a_released_activation_starts_at_that_moment_at_its_site_and_under_its_contract(room):
    review = await held(room)
    room.clock.advance(timedelta(hours=30))
    answer = await review.release()
    assert (answer.status_code, answer.json()["state"], answer.json()["review"]["released"]) == (200, "activated", True)
    said = [fact for fact in await room.said() if not fact.NAME.startswith("licence.")]
    released, mailed, started, opened = said
    assert (type(released), type(mailed)) == (ActivationReleased, ReviewAnswered)
    assert (mailed.released, mailed.reason, mailed.TOPIC) == (True, None, "activation-mail")
    assert isinstance(started, ServiceActivated)
    assert isinstance(opened, ContractOpened)
    assert (started.activated_at, started.site_number) == (room.clock.now(), review.person.site_number)
    assert (started.terms_version, started.request_id) == ("2026-01", review.unit.request_id)
    assert started.contract_number == opened.contract_number
    shown = await review.person.get(f"/activations/{started.activation_id}")
    assert shown.json()["site_number"] == review.person.site_number


@pytest.mark.requirement("ACT-05")
async def test_a_refused_activation_gives_its_unit_back_and_tells_the_reason_by_mail_only(room):
    review = await held(room)
    answer = await review.refuse("Das ist nicht Ihr Gebäude.")
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")
    assert answer.json()["review"]["reason"] == "Das ist nicht Ihr Gebäude."
    refused, mailed = await room.said()
    assert isinstance(refused, ActivationRefused)
    assert (refused.reason, refused.redemption_id) == ("address_not_confirmed", review.unit.redemption_id)
    assert "Gebäude" not in refused.model_dump_json()
    assert (type(mailed), mailed.reason) == (ReviewAnswered, "Das ist nicht Ihr Gebäude.")
    await room.hear(taken_back(review.unit, "activation_refused"))
    await room.hear(review.unit)
    assert await room.said() == []
    assert await review.state() == "refused"


@pytest.mark.requirement("ACT-05", "ACT-04")
async def test_a_release_of_what_is_not_for_the_model_any_more_is_told_as_a_refusal_with_what_is(room):
    review = await held(room)
    change = f"/offers/{THREE_YEARS}/changes"
    before = (await room.get(f"/offers/{THREE_YEARS}?brand={BRAND}")).json()["models"]
    await room.post(change, {"brand": BRAND, "models": ["X-1"]})
    await room.said()
    try:
        answer = await review.release()
    finally:
        said = await room.said()
        await room.post(change, {"brand": BRAND, "models": before})
    assert [(type(fact), fact.reason) for fact in said] == [(ActivationRefused, "model_not_covered")]
    problem, choices = answer.json()["problem"], answer.json()["applicable_offers"]
    assert problem["accepted"] == [one["reference"] for one in choices]
    assert THREE_YEARS not in problem["accepted"]
    assert "None" not in problem["detail"]


@pytest.mark.requirement("ACT-05", "ALL-02")
async def test_release_and_refusal_at_the_same_moment_decide_once(room):
    outcomes = set()
    for turn in range(4):
        review = await held(room)
        deeds = [review.release if (number + turn) % 2 else review.refuse for number in range(20)]
        answers = await asyncio.gather(*(deed() for deed in deeds))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"item-not-held"}
        said = [type(fact) for fact in await room.said()]
        assert said.count(ServiceActivated) + said.count(ActivationRefused) == 1
        assert said.count(ReviewAnswered) == 1
        outcomes.add(await review.state())
    assert outcomes <= {"activated", "refused"}


@pytest.mark.requirement("ACT-05", "ALL-02")
async def test_a_refusal_and_the_cancellation_of_its_registration_at_the_same_moment_give_back_once(room):
    for _ in range(5):
        review = await held(room)
        answers = await asyncio.gather(*(review.refuse() for _ in range(6)), room.hear(taken_back(review.unit)))
        refusals = [fact for fact in await room.said() if isinstance(fact, ActivationRefused)]
        assert len(refusals) == sum(answer.status_code == 200 for answer in answers[:-1]) <= 1
        assert await review.state() == ("refused" if refusals else "cancelled")


@pytest.mark.requirement("ACT-05", "ACT-14")
async def test_what_registration_took_back_while_it_was_held_cannot_be_released(room):
    review = await held(room)
    await room.hear(taken_back(review.unit))
    assert (await review.release()).json()["code"] == "item-not-held"
    assert (await review.state(), await room.said()) == ("cancelled", [])


@pytest.mark.requirement("ALL-02")
async def test_the_same_release_sent_again_gives_the_same_answer_and_starts_nothing_more(room):
    review = await held(room)
    first, again = await review.release(key="one"), await review.release(key="one")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert sum(isinstance(fact, ServiceActivated) for fact in await room.said()) == 1


@pytest.mark.requirement("ACT-05", "REG-17")
async def test_a_product_that_was_sold_while_its_service_was_held_brings_it_to_the_buyer_on_release(room):
    review = await held(room, brand="ibm", model="9009-42A", service="SPAC-MAILIN-12")
    await room.hear(transferred(review.unit))
    assert await room.said() == []
    await review.release()
    started = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    shown = (await room.get(f"/activations/{started.activation_id}")).json()
    assert (started.customer_id, shown["customer_id"]) == (review.unit.customer_id, str(BUYER))


def moved(unit, country="FR", **changes) -> MoveExecuted:
    usual = {
        "brand": unit.brand,
        "product_id": unit.product_id,
        "move_id": uuid4(),
        "serial": unit.serial,
        "model": unit.model,
        "customer_id": unit.customer_id,
        "from_country": "BE",
        "to_country": country,
        "executed_on": "2026-11-22",
    }
    return MoveExecuted.model_validate(usual | changes)


@pytest.mark.requirement("ACT-05", "REG-18")
async def test_a_product_that_has_moved_to_another_country_than_its_sites_is_held_although_the_addresses_agree(room):
    person, request, unit = await asked(room, HERE)
    await room.hear(moved(unit))
    await room.hear(unit)
    assert [type(fact) for fact in await room.said()] == [ActivationHeld]
    (item,) = await person.shown(request)
    assert item["review"]["differences"] == ["country"]


@pytest.mark.requirement("ACT-05", "REG-18")
async def test_a_product_that_moves_after_its_service_was_activated_loses_its_site_and_keeps_its_service(room):
    _, _, unit = await asked(room, HERE)
    await room.hear(unit)
    started = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    assert started.site_number
    away = moved(unit)
    await room.hear(away)
    (cleared,) = await room.said()
    assert (type(cleared), cleared.site_number) == (SiteAssigned, None)
    assert not isinstance(cleared, ServiceEnded)
    await room.hear(away)
    assert await room.said() == []


@pytest.mark.requirement("ACT-05", "REG-17")
async def test_a_held_service_that_would_end_with_the_sale_of_its_product_does_not_use_up_its_unit(room):
    review = await held(room)
    await room.hear(transferred(review.unit))
    room.clock.advance(timedelta(days=60))
    assert (await review.release()).json()["problem"]["code"] == "product-passed-on"
    assert [(type(fact), fact.reason) for fact in await room.said()] == [(ActivationRefused, "product_passed_on")]
    assert await review.state() == "refused"


@pytest.mark.requirement("ACT-05", "REG-18")
async def test_a_held_service_that_is_not_given_where_its_product_went_does_not_use_up_its_unit(room):
    review, change = await held(room), f"/offers/{THREE_YEARS}/changes"
    await room.post(change, {"brand": BRAND, "countries": ["BE"]})
    await room.hear(moved(review.unit))
    await room.said()
    try:
        answer = await review.release()
    finally:
        said = await room.said()
        await room.post(change, {"brand": BRAND, "countries": None})
    assert answer.json()["problem"]["code"] == "not-given-in-its-country"
    assert [(type(fact), fact.reason) for fact in said] == [(ActivationRefused, "country_not_covered")]


@pytest.mark.requirement("ALL-06", "ACT-05")
async def test_only_those_who_may_decide_see_to_a_held_activation_and_unknown_ones_are_not_found(room):
    review = await held(room)
    own = {"scopes": ["activations:write", "activations:read"], "claims": review.person.claims}
    assert (await review.release(**own)).json()["code"] == "scope-missing"
    stranger = {"scopes": ["activations:decide"], "claims": {"sub": "stranger"}}
    other_brand = {"claims": {"brand": "ibm"}}
    for who in (stranger, other_brand):
        assert (await review.refuse(**who)).status_code == 404
    path = f"/activation-requests/{uuid4()}/items/{uuid4()}/release"
    assert (await room.post(path, {})).json()["code"] == "not-found"
    assert await review.state() == "held"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, None])
async def test_a_refusal_needs_a_reason(room, reason):
    review = await held(room)
    answer = await review.refuse(reason)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/reason"]

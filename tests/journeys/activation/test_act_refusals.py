"""Codes and requests that lead nowhere, and say why; code deadlines to the day (ACT-02…ACT-06, L09, L10)."""

from datetime import date, time, timedelta
from typing import Final

import pytest
from tests.journeys.activation.activating import Activating, Body, activating, private
from tests.journeys.brands import PLAYED
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch

BRAND: Final = PLAYED[1]
DAYS: Final = 90


def problems(asked: Body) -> list[str]:
    """The code of each item's problem; its state where there is none."""
    return [item["problem"]["code"] if item["problem"] else item["state"] for item in asked["items"]]


OUTCOMES: Final = [
    "activated",
    "already-covered",
    "code-unknown",
    "terms-outdated",
    "offer-not-applicable",
    "terms-not-accepted",
    "purchase-in-future",
    "site-unknown",
    "product-not-registered",
    "activated",
]


@pytest.mark.requirement("ACT-02", "ACT-04", "ACT-06")
async def test_of_several_services_in_one_request_each_has_its_own_outcome(stack: Stack, watch: Watch) -> None:
    first = await activating(stack, watch, BRAND).home()
    covered = await activating(stack, watch, BRAND).home(like=first)
    more = [await activating(stack, watch, BRAND).home(like=first) for _ in range(3)]
    site, good = await first.site(), await first.code(1)
    running = await covered.activate(site=site)
    usable = await covered.code(3)
    unknown = "DL" + "3" * 10
    private(unknown)

    asked = await first.ask(
        first.item(good, site),
        covered.item(usable, site),
        more[0].item(unknown, site),
        more[1].item(usable, site, terms_version="2025-07"),
        more[1].item(usable, site, service_reference="DAS-C-12", terms_version="2026-01"),
        more[2].item(usable, site, terms_version=None),
        more[2].item(usable, site, purchased_on=(first.day() + timedelta(days=3)).isoformat()),
        more[2].item(usable, "S-2222-2222"),
        {**more[2].item(usable, site), "product_id": None, "serial": "RZ9B999999999"},
        more[1].item(usable, site),
    )
    assert problems(asked) == OUTCOMES
    assert (asked["activated"], asked["refused"]) == (2, 8)
    items = asked["items"]
    assert items[1]["running"]["activation_id"] == running["activation_id"]
    assert items[1]["running"]["contract_number"] == running["contract_number"]
    assert items[3]["problem"]["accepted"] == BRAND.offer["terms_version"]
    assert [one["reference"] for one in items[4]["applicable_offers"]] == [BRAND.reference]
    assert items[4]["problem"]["pointer"] == "/items/4/service_reference"
    await used_elsewhere(more[0], good, site, watch)


async def used_elsewhere(journey: Activating, good: str, site: str, watch: Watch) -> None:
    """A code whose unit another product has, and one of another service, after one that nobody knows."""
    used_up = await journey.ask(journey.item(good, site))
    assert problems(used_up) == ["code-used-up"]
    other_service = await journey.ask(journey.item(await other_code(journey), site))
    assert problems(other_service) == ["code-other-service"]
    refusals = watch.heard("code.refused.v1", product_id=journey.product["product_id"])
    assert [one.data["reason"] for one in refusals] == ["unknown", "used_up", "other_service"]


async def other_code(journey: Activating) -> str:
    """A code for a service that is not for the product's model."""
    return await journey.code(1, "DAS-C-12")


def last_day_of(purchased_on: date) -> date:
    return purchased_on + timedelta(days=DAYS)


@pytest.mark.requirement("ACT-03", "NTF-01")
async def test_a_code_works_on_its_ninetieth_day_and_lapses_with_that_day_after_a_warning(
    stack: Stack, watch: Watch
) -> None:
    journey = await activating(stack, watch, BRAND).home()
    late = await activating(stack, watch, BRAND).home(like=journey)
    site, bought = await journey.site(), journey.day()
    code, last = await journey.code(2), last_day_of(bought)
    case_number = journey.case_number
    item = journey.item(code, site, purchased_on=bought.isoformat())

    await journey.on(last - timedelta(days=14), time(8, 59, 30))
    assert watch.heard("code.lapsing.v1", case_number=case_number) == []
    await journey.on(last - timedelta(days=14), time(9, 0, 1))
    warned = (await watch.event("code.lapsing.v1", case_number=case_number)).data
    assert (warned["units_left"], warned["lapses_on"]) == (2, last.isoformat())
    await kinds_sent(watch, warned["buyer_id"], "code-lapsing")

    await journey.on(last, time(23, 50))
    assert problems(await journey.ask(item)) == ["activated"]
    assert watch.heard("code.lapsed.v1", case_number=case_number) == []
    await journey.on(last + timedelta(days=1))
    lapsed = (await watch.event("code.lapsed.v1", case_number=case_number)).data
    assert (lapsed["units_left"], lapsed["lapses_on"]) == (1, last.isoformat())
    await kinds_sent(watch, lapsed["buyer_id"], "code-lapsed")

    honest = late.item(code, site, purchased_on=bought.isoformat())
    mistaken = late.item(code, site)
    assert problems(await late.ask(honest)) == ["code-too-old"]
    assert problems(await late.ask(mistaken)) == ["code-lapsed"]
    assert len(watch.heard("code.lapsing.v1", case_number=case_number)) == 1


@pytest.mark.requirement("ACT-03")
async def test_a_code_that_was_used_up_neither_warns_nor_lapses(stack: Stack, watch: Watch) -> None:
    used, left = [await activating(stack, watch, BRAND).home() for _ in range(2)]
    await used.activate()
    await left.code(1)
    last = last_day_of(left.day())
    await left.on(last + timedelta(days=1))
    await watch.event("code.lapsed.v1", case_number=left.case_number)
    for kind in ("code.lapsing.v1", "code.lapsed.v1"):
        assert watch.heard(kind, case_number=used.case_number) == []
    codes = await used.read("/codes", brand=BRAND.brand)
    assert used.case_number not in [one["case_number"] for one in codes["items"]]
    shown = next(one for one in codes["items"] if one["case_number"] == left.case_number)
    assert (shown["lapses_on"], shown["lapsed"], shown["units_left"]) == (last.isoformat(), True, 1)

"""The public check: under warranty until when, which services in which state; nobody's name (REG-23)."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from tests.support.rooms import MORNING

from event_schemas.activation import ActivationRefused
from event_schemas.registration import CertificateRedeemed

from .asking import Asker, story
from .conftest import JAN, NUMBERS, Desk, without_offer

pytestmark = pytest.mark.requirement("REG-23")
SHOWN = {
    "brand",
    "serial",
    "checked_on",
    "products",
    "model",
    "under_warranty",
    "warranty_starts_on",
    "warranty_ends_on",
    "services",
    "service_reference",
    "service_name",
    "state",
    "operational_from",
    "ends_on",
}
OWN = ("x-request-id", "traceparent", "ratelimit")
"""Headers that differ with every answer."""


@pytest.fixture
def asker(desk: Desk) -> Asker:
    """Somebody with an address that no other test asks from."""
    return Asker(desk.room, f"198.51.100.{next(NUMBERS) % 256}")


async def redeemed(desk: Desk, **changes: str) -> CertificateRedeemed:
    """A product that was just registered, with the unit that it redeemed."""
    issued = await desk.certificate(**{key: changes.pop(key) for key in ("service_reference",) if key in changes})
    answer = await desk.register(issued.certificate_number, **changes)
    assert answer.status_code == 201, answer.text
    return next(fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed))


async def test_a_registered_product_shows_its_warranty_and_a_service_that_waits_for_its_activation(
    desk: Desk, asker: Asker
) -> None:
    unit = await redeemed(desk)
    answer = (await asker.check(unit.serial.lower(), language="fr")).json()
    assert answer == {
        "brand": "dynabook",
        "serial": unit.serial,
        "checked_on": "2026-11-22",
        "products": [
            {
                "model": "PT5B1E-0K601",
                "under_warranty": True,
                "warranty_starts_on": "2026-11-20",
                "warranty_ends_on": "2027-11-19",
                "services": [
                    {
                        "service_reference": "PPCP013FR-VGAD",
                        "service_name": "Pack Pro Connect 3 ans",
                        "state": "registered",
                        "operational_from": None,
                        "ends_on": None,
                    }
                ],
            }
        ],
    }


async def test_a_service_is_registered_then_active_then_operational_and_ends_after_its_last_day(
    desk: Desk, asker: Asker
) -> None:
    unit = await redeemed(desk)
    activated, operational, ended = story(unit)

    async def service() -> tuple[str, str, str]:
        [product] = await asker.products(unit.serial)
        [found] = product["services"]
        return found["state"], found["operational_from"], found["ends_on"]

    await desk.room.hear(activated)
    assert await service() == ("active", "2026-11-24T09:00:00Z", "2029-11-21")
    await desk.room.hear(operational)
    assert await service() == ("operational", "2026-11-24T09:00:00Z", "2029-11-21")
    await desk.room.hear(ended)
    assert await service() == ("operational", "2026-11-24T09:00:00Z", "2026-12-24")
    desk.room.clock.set(datetime(2026, 12, 24, 22, 59, tzinfo=UTC))  # a minute before midnight in Paris
    assert (await service())[0] == "operational"
    desk.room.clock.advance(timedelta(minutes=1))
    assert (await service())[0] == "ended"


async def test_the_facts_of_a_service_may_come_in_any_order_and_twice(desk: Desk) -> None:
    seen = []
    for number, order in enumerate(permutations(range(3))):
        unit = await redeemed(desk)
        facts = story(unit)
        for place in (*order, order[0]):
            await desk.room.hear(facts[place])
        first = await desk.room.hear(facts[order[1]])
        await desk.room.hear(facts[order[1]], first)
        [product] = await Asker(desk.room, f"198.18.0.{number}").products(unit.serial)
        seen.append(product["services"])
    assert seen == [seen[0]] * 6
    assert [(one["state"], one["ends_on"]) for one in seen[0]] == [("operational", "2026-12-24")]


@pytest.mark.parametrize(("day", "moment"), [("2026-11-24", "2026-11-24T09:00:00Z"), ("2026-11-23", None)])
async def test_a_service_that_ends_before_its_operational_day_shows_no_moment_to_wait_for(
    desk: Desk, asker: Asker, day: str, moment: str | None
) -> None:
    unit = await redeemed(desk)
    activated, _, ended = story(unit)
    await desk.room.hear(activated)
    await desk.room.hear(ended.model_copy(update={"ended_on": date.fromisoformat(day)}))
    [product] = await asker.products(unit.serial)
    [service] = product["services"]
    assert (service["state"], service["operational_from"], service["ends_on"]) == ("active", moment, day)


async def test_the_last_day_of_the_warranty_is_included_where_the_brand_is(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk)
    desk.room.clock.set(datetime(2027, 11, 19, 22, 59, tzinfo=UTC))  # 23:59 in Paris
    assert [one["under_warranty"] for one in await asker.products(unit.serial)] == [True]
    desk.room.clock.advance(timedelta(minutes=1))
    assert [one["under_warranty"] for one in await asker.products(unit.serial)] == [False]


async def test_a_service_that_was_taken_back_is_not_shown_and_the_warranty_stays(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk)
    fields = {name: getattr(unit, name) for name in ("brand", "product_id", "redemption_id", "serial", "customer_id")}
    refused = ActivationRefused(**fields, service_reference=unit.service_reference, reason="offer_unknown")
    await desk.room.hear(refused)
    [product] = await asker.products(unit.serial)
    assert (product["under_warranty"], product["services"]) == (True, [])


async def test_a_registration_that_its_customer_took_back_is_answered_like_none(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk)
    answer = await desk.room.post(f"/registrations/{unit.redemption_id}/cancellation", {})
    assert answer.is_success, answer.text
    assert await asker.products(unit.serial) == []


async def test_one_serial_of_two_models_is_two_products_and_the_model_tells_which(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk, model="X40-K1")
    await redeemed(desk, serial=unit.serial, model="A50-J1")
    assert [one["model"] for one in await asker.products(unit.serial)] == ["A50-J1", "X40-K1"]
    assert [one["model"] for one in await asker.products(unit.serial, model="x40-k1")] == ["X40-K1"]
    assert await asker.products(unit.serial, model="X40-K2") == []


async def test_the_answer_names_no_person_no_certificate_and_no_id(desk: Desk, asker: Asker) -> None:
    issued = await desk.certificate()
    unit = (await desk.register(issued.certificate_number)).json()
    fact = next(fact for fact in await desk.said() if isinstance(fact, CertificateRedeemed))
    for one in story(fact):
        await desk.room.hear(one)
    text = (await asker.check(unit["serial"])).text
    secrets = [issued.certificate_number, JAN["name"], JAN["email"], issued.case_number]
    ids = [value for name, value in unit.items() if name.endswith("_id")]
    assert len(ids) >= 3
    assert [one for one in (*secrets, *ids) if one.lower() in text.lower()] == []
    assert names_in(json.loads(text)) == SHOWN


def names_in(value: object) -> set[str]:
    """The name of every field, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


async def test_unknown_malformed_and_other_brands_serials_are_answered_alike(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk)
    desk.room.clock.set(MORNING)
    misses = {
        "unknown": await asker.check("9H7777777X"),
        "an impossible letter": await asker.check("9HS777777X"),
        "a blank inside": await asker.check("9H 777777X"),
        "too short": await asker.check("9"),
        "too long": await asker.check("9H7777777X" * 6),
        "another alphabet": await asker.check("ⅨЯ７７７７７７７X"),
        "another brand": await asker.check(unit.serial, brand="ibm"),
    }
    told = {
        name: (
            answer.status_code,
            {key: value for key, value in answer.headers.items() if key not in (*OWN, "content-length")},
            {**answer.json(), "serial": "", "brand": ""},
        )
        for name, answer in misses.items()
    }
    alike = (
        200,
        {
            "cache-control": "no-store",
            "content-type": "application/json",
            "ratelimit-policy": '"address";q=1000000;w=60',
        },
    )
    assert told == dict.fromkeys(
        misses, (*alike, {"brand": "", "serial": "", "checked_on": "2026-11-22", "products": []})
    )


async def test_a_unit_that_is_known_but_not_registered_is_answered_like_an_unknown_one(
    desk: Desk, asker: Asker
) -> None:
    serial = desk.serial()
    told = await desk.room.post("/units", {"brand": "dynabook", "units": [{"serial": serial, "model": "PT5B1E-0K601"}]})
    assert told.is_success, told.text
    assert await asker.products(serial) == []


async def test_an_unknown_brand_is_named_with_the_known_ones(desk: Desk, asker: Asker) -> None:
    answer = await asker.check("9H7777777X", brand="nobody")
    assert (answer.status_code, answer.json()["code"]) == (422, "brand-unknown")


async def test_a_service_that_is_not_in_the_catalogue_is_shown_by_its_reference(desk: Desk, asker: Asker) -> None:
    unit = await redeemed(desk, service_reference="EXT2FR-X40", model="X40-K1")
    async with without_offer(desk.room, "EXT2FR-X40"):
        [product] = await asker.products(unit.serial)
    assert [one["service_name"] for one in product["services"]] == ["EXT2FR-X40"]

"""What activation publishes is what registration sells, what mails say, and what tests without it go by (POL-02)."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.tree import BRANDS, description, package_of
from tests.support import catalogue
from tests.support.rooms import Room, open_room
from tests.support.stack import PostgresStack

from activation_service.offers.catalogue import NO_CAUSE, publish_all
from event_schemas.activation_offers import OfferPublished
from notifications_service.offers import handlers as told
from registration_service.offers import handlers as sold

SHIPPED = [package_of("activation") / "policies" / f"{brand}.toml" for brand in BRANDS]


def policy(service: str, brand: str) -> dict[str, Any]:
    file: Path = package_of(service) / "policies" / f"{brand}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def by_reference(offers: list[OfferPublished]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each.brand, each.reference): each.model_dump(exclude={"offer_id"}) for each in offers}


@pytest.fixture(scope="module")
async def published(postgres: PostgresStack) -> list[OfferPublished]:
    """What activation itself says at its first start."""
    activation = description("activation")
    activation.policies.load()
    async with open_room(activation, postgres) as room:
        await publish_all(room.database)
        return [fact for fact in await room.said() if isinstance(fact, OfferPublished)]


@pytest.fixture(scope="module")
async def registration(postgres: PostgresStack) -> AsyncIterator[Room]:
    async with open_room(description("registration"), postgres, knows_catalogue=False) as room:
        yield room


@pytest.fixture(scope="module")
async def notifications(postgres: PostgresStack) -> AsyncIterator[Room]:
    async with open_room(description("notifications"), postgres, knows_catalogue=False) as room:
        yield room


@pytest.mark.requirement("ACT-04")
def test_what_tests_take_for_the_catalogue_is_what_activation_publishes(published: list[OfferPublished]) -> None:
    assert by_reference(published) == by_reference(catalogue.offers(SHIPPED))
    assert {offer.brand for offer in published} == set(BRANDS)


@pytest.mark.requirement("ACT-04", "POL-02", "NTF-03")
async def test_registration_sells_what_activation_publishes_and_mails_call_it_the_same(
    published: list[OfferPublished], registration: Room, notifications: Room
) -> None:
    for offer in published:
        await registration.hear(offer)
        await notifications.hear(offer)
    for offer in published:
        entry = await sold.offer_of(offer.brand, offer.reference, registration.database.pool)
        assert entry is not None
        assert (entry.models, entry.code_days, entry.extends_warranty, entry.on_sale) == (
            *(offer.models, offer.code_days, offer.extends_warranty, offer.on_sale),
        )
        async with notifications.database.transaction(NO_CAUSE) as tx:
            names = await told.names_of(offer.brand, offer.reference, tx)
        assert names == offer.names
        assert [entry.name_in(language) for language in ("en", "fr", "nl")] == [names.en, names.fr, names.nl]


@pytest.mark.requirement("POL-02")
@pytest.mark.parametrize("brand", BRANDS)
def test_services_are_named_in_public_in_a_language_in_which_the_brand_writes(brand: str) -> None:
    assert policy("activation", brand)["language"] in policy("notifications", brand)["languages"]


@pytest.mark.parametrize("setting", ["time_zone", "country"])
@pytest.mark.parametrize("brand", BRANDS)
def test_the_services_of_a_brand_live_in_one_time_zone_and_country(brand: str, setting: str) -> None:
    places = {
        place
        for service in ("registration", "activation", "tickets", "credits", "notifications")
        if (place := policy(service, brand).get(setting))
    }
    assert len(places) == 1

"""Keys that somebody takes and leaves, and licences that two services maintain (ACT-12)."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from tests.support.waiting import until

from activation_service.offers.handlers import offer_of
from activation_service.products.handlers import product_of
from activation_service.software.handlers import issue
from chassis.database import Cause
from chassis.transact import apply
from event_schemas.activation_contracts import LicenceMaintenanceLapsed
from event_schemas.registration_cases import ProductTransferred

from .asking import Person, at
from .licensing import BRAND, SOFTWARE, WAITING, bought, cleared, licence_of, licences, loaded


class _Regret(Exception):
    """Whoever takes a key thinks better of it."""


@pytest.fixture
async def here(room):
    return await cleared(room)


@pytest.fixture
def holder(here):
    return Person(here)


@pytest.mark.requirement("ACT-12", "ALL-02")
async def test_a_licence_waits_for_the_last_key_that_somebody_is_taking_and_gets_it_when_they_leave_it(here, holder):
    activated, _, _ = await bought(holder)
    await loaded(here, "KEY-1", "KEY-2")  # the first is for the licence that waits
    offer = await offer_of(BRAND, activated.service_reference, here.database.pool)
    known = await product_of(activated.product_id, here.database.pool)

    async def grant(product_id: UUID, tx) -> list:
        fact = activated.model_copy(update={"activation_id": product_id, "product_id": product_id})
        return await issue(fact, offer, replace(known, product_id=product_id), tx)

    async def waits() -> bool:
        return bool(await here.database.pool.fetchval(WAITING))

    async def take_and_leave(taken: asyncio.Event) -> None:
        async with here.database.transaction(Cause("story")) as tx:
            assert len(await grant(uuid4(), tx)) == 1
            taken.set()
            await until(waits, "a licence that waits for the key", 10)
            raise _Regret

    taken = asyncio.Event()
    leaving = asyncio.create_task(take_and_leave(taken))
    await taken.wait()
    waiting = uuid4()
    await apply(here.database, lambda _, tx: grant(waiting, tx), None, Cause("story"))
    with pytest.raises(_Regret):
        await leaving
    assert (await licence_of(here, waiting))["state"] == "issued"


@pytest.mark.requirement("ACT-12")
async def test_loading_one_key_serves_all_licences_for_which_keys_are_free(here, holder):
    for _ in range(3):
        await bought(holder)
    await here.database.pool.execute(  # two keys that nobody got, as an interrupted load of before would leave them
        "INSERT INTO licence_keys (brand, software, key, loaded_by, loaded_at) "
        "SELECT $1, $2, 'OLD-' || n, 'test', $3 FROM generate_series(1, 2) n",
        BRAND,
        SOFTWARE,
        here.clock.now(),
    )
    told = await loaded(here, "KEY-1")
    assert {name: told[name] for name in ("loaded", "issued", "free", "waiting")} == {
        "loaded": 1,
        "issued": 3,
        "free": 0,
        "waiting": 0,
    }


def sold(product, buyer: Person, units: list[UUID]) -> ProductTransferred:
    shared = product.model_dump(include={"brand", "product_id", "serial", "model"})
    days = {"transferred_on": "2026-11-22", "last_billable_on": "2026-12-22", "kind": "sale", "transfer_id": uuid4()}
    parties = {"from_customer_id": product.customer_id, "to_customer_id": buyer.contact, "registered_by": buyer.subject}
    return ProductTransferred.model_validate({**shared, **days, **parties, "redemption_ids": units})


@pytest.mark.requirement("ACT-12", "REG-17")
@pytest.mark.parametrize("reverse", [False, True])
async def test_a_licence_that_a_service_which_ends_still_maintains_stays_with_the_former_customer_until_then(
    here, holder, reverse
):
    await here.post("/offers", FOLLOWING)
    await loaded(here, "KEY-1")
    product = await holder.product()
    ending, _, first = await bought(holder, product)  # DAS-A-36: it ends when the product is sold
    _, _, second = await bought(holder, product, service=FOLLOWING["reference"])
    (licence,) = await licences(holder)
    assert licence["maintained_until"] == "2030-11-21"
    buyer, units = Person(here), [first.redemption_id, second.redemption_id]
    await here.hear(sold(product, buyer, units[::-1] if reverse else units))
    assert await licences(buyer) == []
    (kept,) = await licences(holder)
    assert (kept["activation_id"], kept["maintained_until"]) == (str(ending.activation_id), "2026-12-22")
    at(here, "2026-12-23")
    await here.said()
    while await here.fire_timers():
        pass
    (lapsed,) = [fact for fact in await here.said() if isinstance(fact, LicenceMaintenanceLapsed)]
    assert lapsed.customer_id == holder.contact


@pytest.mark.requirement("ACT-12", "REG-17")
async def test_a_licence_of_two_services_that_both_follow_goes_with_them_and_is_maintained_by_the_longer(here, holder):
    for reference, months in (("DAS-F-48", 48), ("DAS-F-60", 60)):
        await here.post("/offers", {**FOLLOWING, "reference": reference, "duration_months": months})
    product = await holder.product()
    _, _, short = await bought(holder, product, service="DAS-F-48")
    longer, _, other = await bought(holder, product, service="DAS-F-60")
    buyer = Person(here)
    await here.hear(sold(product, buyer, [short.redemption_id, other.redemption_id]))
    assert await licences(holder) == []
    (licence,) = await licences(buyer)
    assert (licence["activation_id"], licence["maintained_until"]) == (str(longer.activation_id), "2031-11-21")


FOLLOWING = {
    "brand": BRAND,
    "reference": "DAS-F-48",
    "name": {"en": "Following", "fr": "Qui suit", "nl": "Volgend"},
    "duration_months": 48,
    "response_level": "on-site-four-hours",
    "models": ["DGS-*", "DXS-*"],
    "terms_version": "2026-01",
    "transfer": "follows",
    "software": [{"reference": SOFTWARE, "name": "Nuclias Connect"}],
}

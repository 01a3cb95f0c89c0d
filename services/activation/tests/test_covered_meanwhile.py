"""A contract brings a service whose code is on its way: the product has it once, and the unit goes back (ACT-06)."""

import asyncio

import pytest

from event_schemas.activation import ActivationRefused, ServiceActivated
from event_schemas.activation_contracts import ContractOpened

from .asking import BRAND, HERE, ONE_YEAR, THREE_YEARS, Person, someone
from .test_reviews import asked, held
from .test_transfers import BUYER, transferred

MODEL = "DGS-3630-28TC"


async def under_contract(room, product_id, service=THREE_YEARS) -> str:
    """A contract that brings the service to the product; the number of it."""
    line = {"product_id": str(product_id), "service_references": [service]}
    answer = await room.post("/contracts", {"brand": BRAND, "lines": [line]})
    assert answer.status_code == 201, answer.text
    return answer.json()["number"]


async def running(room, product_id, service=THREE_YEARS):
    """How many services of that name run on the product."""
    path = f"/activations?product_id={product_id}&service_reference={service}"
    return len([one for one in (await room.get(path)).json()["items"] if one["state"] in ("in_setup", "operational")])


@pytest.mark.requirement("ACT-06", "ACT-02")
async def test_a_unit_redeemed_while_a_contract_brought_its_service_is_refused_and_shows_the_running_one(room):
    person, request, unit = await asked(room, address=HERE)
    number = await under_contract(room, unit.product_id)
    await room.said()
    await room.hear(unit)
    (refused,) = await room.said()
    assert (type(refused), refused.reason) == (ActivationRefused, "already_covered")
    assert refused.redemption_id == unit.redemption_id
    (item,) = await person.shown(request)
    assert (item["state"], item["problem"]["code"]) == ("refused", "already-covered")
    assert item["running"]["contract_number"] == number
    assert await running(room, unit.product_id) == 1


@pytest.mark.requirement("ACT-06", "ACT-01")
async def test_a_unit_redeemed_with_the_form_is_refused_as_well_but_one_of_another_service_is_not(room, redeemed):
    person = await someone(room)
    product = await person.product()
    told = {"brand": BRAND, "product_id": product.product_id, "serial": product.serial, "model": MODEL}
    told |= {"customer_id": person.contact}
    await under_contract(room, product.product_id)
    await room.said()
    await room.hear(redeemed(**told, service_reference=ONE_YEAR))
    assert isinstance((await room.said())[0], ServiceActivated)
    await room.hear(redeemed(**told, service_reference=THREE_YEARS))
    assert [type(fact) for fact in await room.said()] == [ActivationRefused]


@pytest.mark.requirement("ACT-05", "ACT-06")
async def test_a_held_item_whose_service_a_contract_brought_is_refused_on_release_and_never_called_released(room):
    review = await held(room)
    await under_contract(room, review.unit.product_id)
    await room.said()
    answer = await review.release()
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")
    assert answer.json()["problem"]["code"] == "already-covered"
    assert [type(fact) for fact in await room.said()] == [ActivationRefused]
    assert (await review.release()).status_code == 409
    assert await running(room, review.unit.product_id) == 1


@pytest.mark.requirement("ACT-06", "ALL-02")
async def test_a_contract_and_a_unit_at_the_same_moment_bring_the_service_once(room):
    for _ in range(5):
        _, _, unit = await asked(room, address=HERE)
        line = {"product_id": str(unit.product_id), "service_references": [THREE_YEARS]}
        await asyncio.gather(room.post("/contracts", {"brand": BRAND, "lines": [line]}), room.hear(unit))
        said = [type(fact) for fact in await room.said()]
        assert (said.count(ServiceActivated), said.count(ContractOpened)) == (1, 1)
        assert await running(room, unit.product_id) == 1


@pytest.mark.requirement("REG-17", "ALL-06")
async def test_a_contracts_service_that_had_run_out_stays_the_sellers_when_the_product_is_sold(room, redeemed):
    seller = Person(room)
    product = await seller.product(brand="ibm", model="9009-42A")
    line = {"product_id": str(product.product_id), "service_references": ["SPAC-MAILIN-12"]}
    assert (await room.post("/contracts", {"brand": "ibm", "lines": [line]})).status_code == 201
    started = next(fact for fact in await room.said() if isinstance(fact, ServiceActivated))
    sold = {"brand": "ibm", "product_id": product.product_id, "serial": product.serial, "model": product.model}
    unit = redeemed(**sold, service_reference="SPAC-MAILIN-12", customer_id=seller.contact)
    path = f"/activations/{started.activation_id}"
    for day, sees in (("2027-11-22", True), ("2027-11-21", False)):  # the day after its last one, and that one
        fact = transferred(unit, redemption_ids=[], transferred_on=day, registered_by="the buyer's dealer")
        await room.hear(fact)
        assert (await seller.get(path)).status_code == (200 if sees else 404)
        assert ((await room.get(path)).json()["customer_id"] == str(BUYER)) is not sees

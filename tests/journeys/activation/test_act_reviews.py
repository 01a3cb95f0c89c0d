"""A product that does not stand at its site: a person looks at both addresses first (ACT-05, L11…L16)."""

import pytest
from tests.journeys.activation.activating import ELSEWHERE, HOME, Activating, Body, activating, private
from tests.journeys.brands import PLAYED
from tests.journeys.people import end_customer
from tests.journeys.test_transfers_and_moves import kinds_sent
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

BRAND = PLAYED[1]
REASON = "Aan de Quai du Port staat een andere firma."


async def held(journey: Activating, code: str) -> tuple[str, Body]:
    """The path of a held item, and how staff see it in their list."""
    asked = await journey.ask(journey.item(code, await journey.site(), product_address=ELSEWHERE))
    [item] = asked["items"]
    assert (asked["held"], item["state"], item["activation_id"]) == (1, "held", None)
    waiting = await journey.read("/activation-requests", state="held", serial=journey.serial)
    [found] = [each for one in waiting["items"] for each in one["items"]]
    assert found["item_id"] == item["item_id"]
    return f"/activation-requests/{asked['request_id']}/items/{item['item_id']}", found


@pytest.mark.requirement("ACT-05", "NTF-01")
async def test_staff_see_both_addresses_of_a_held_activation_and_release_it(stack: Stack, watch: Watch) -> None:
    journey = await activating(stack, watch, BRAND).home()
    path, item = await held(journey, await journey.code())
    review = item["review"]
    assert (review["site_address"], review["product_address"]) == (HOME[BRAND.brand], ELSEWHERE)
    assert set(review["differences"]) == {"street", "house_number", "postal_code", "city"}
    told = (await watch.event("activation.held.v1", request_id=item["item_id"])).data
    assert (told["serial"], told["site_number"]) == (journey.serial, item["site_number"])
    assert await journey.ledger() == [-1]  # the code does not lapse meanwhile
    assert (await journey.read("/activations", serial=journey.serial))["items"] == []

    released = await journey.do(f"{path}/release", {})
    assert released["state"] == "activated"
    await watch.event("activation.released.v1", request_id=item["item_id"])
    activated = (await watch.event("service.activated.v1", request_id=item["item_id"])).data
    assert activated["activation_id"] == released["activation_id"]
    again = await journey.send(f"{path}/release", {})
    assert (again.status_code, again.json()["code"]) == (409, "item-not-held")
    await journey.operational(activated)
    await kinds_sent(watch, journey.product["customer_id"], "activation-held", "review-released", "service-operational")


@pytest.mark.requirement("ACT-05", "REG-09", "NTF-01")
async def test_a_held_activation_that_is_refused_gives_its_unit_back_once_and_the_code_works_where_it_should(
    stack: Stack, watch: Watch
) -> None:
    journey = await activating(stack, watch, BRAND).home()
    code = await journey.code(1)
    path, item = await held(journey, code)
    private(REASON)
    refused = await journey.do(f"{path}/refusal", {"reason": REASON})
    assert (refused["state"], refused["problem"]["code"]) == ("refused", "address-not-confirmed")
    assert (refused["review"]["released"], refused["review"]["reason"]) == (False, REASON)
    fact = (await watch.event("activation.refused.v1", request_id=item["item_id"])).data
    assert fact["reason"] == "address_not_confirmed"
    back = await watch.event("registration.cancelled.v1", redemption_id=fact["redemption_id"])
    assert await journey.ledger() == [-1, 1]
    assert (await journey.send(f"{path}/refusal", {"reason": REASON})).status_code == 409
    mail = await journey.mail("could not be activated", REASON)
    assert journey.serial in mail["subject"]

    other = await activating(stack, watch, BRAND).home()
    activated = await other.activate(code=code)
    assert await journey.ledger() == [-1, 1, -1]
    assert watch.heard("registration.cancelled.v1", redemption_id=fact["redemption_id"]) == [back]
    assert watch.heard("service.activated.v1", request_id=item["item_id"]) == []
    assert activated["product_id"] == other.product["product_id"]
    await kinds_sent(watch, journey.product["customer_id"], "review-refused")


@pytest.mark.requirement("ACT-05", "ALL-06")
async def test_a_customer_has_sites_of_their_own_and_finds_them_by_number_and_words(stack: Stack, watch: Watch) -> None:
    nora, hugo = [await end_customer(stack, BRAND.brand, name, "fr") for name in ("Nora Claes", "Hugo Maes")]
    private(nora.name, nora.email, hugo.name, hugo.email)
    where = {"street": "5, Boulevard de l'Église", "postal_code": "59000", "city": "Lille", "country": "FR"}
    headers = {"Authorization": f"Bearer {nora.token}"}
    body = {"brand": BRAND.brand, "name": "Entrepôt nord", "address": where}
    made = await stack.post("activation", "/sites", body, headers=headers)
    assert made.status_code == 201, made.text
    number = made.json()["site_number"]
    same = {**where, "street": "5 bd de l’Eglise"}
    twice = await stack.post("activation", "/sites", {**body, "address": same}, headers=headers)
    assert (twice.status_code, twice.json()["code"], twice.json()["details"]["site_number"]) == (
        409,
        "site-exists",
        number,
    )

    async def found(query: str) -> list[str]:
        return [one["site_number"] for one in (await nora.read(f"/sites?{query}", "activation"))["items"]]

    assert await found("q=eglise lille") == await found("q=entrepot") == await found(f"number={number[:6]}") == [number]
    assert await found("q=marseille") == []
    assert (await hugo.read("/sites", "activation"))["items"] == []
    unknown = await hugo.ask("/sites/S-2222-2222", "activation")
    others = await hugo.ask(f"/sites/{number}", "activation")
    answers = [(one.status_code, one.json()["code"]) for one in (unknown, others)]
    assert answers == [(404, "not-found")] * 2


@pytest.mark.requirement("ACT-05")
async def test_a_service_gets_its_site_afterwards_only_where_its_product_stands(stack: Stack, watch: Watch) -> None:
    journey = activating(stack, watch, BRAND)
    journey.product = await journey.register(await journey.order(1))
    activated = (await watch.event("service.activated.v1", serial=journey.serial)).data
    assert activated["site_number"] is None
    await until(journey.known, "everybody knows the product")
    path, site = f"/activations/{activated['activation_id']}/site", await journey.site()
    refused = await journey.send(path, {"site_number": site, "product_address": ELSEWHERE})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "address-differs")
    assert problem["details"]["site_address"] == HOME[BRAND.brand]
    assert problem["details"]["product_address"] == ELSEWHERE
    spelt = {**HOME[BRAND.brand], "street": "3, BOULEVARD SAINT MICHEL", "city": "PARIS"}
    assert (await journey.do(path, {"site_number": site, "product_address": spelt}))["site_number"] == site
    assigned = await watch.event("site.assigned.v1", activation_id=activated["activation_id"])
    assert assigned.data["site_number"] == site

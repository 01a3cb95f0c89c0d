"""Who has a say about a product, and who only registered something for it once (REG-06, REG-16, REG-17)."""

from typing import Any
from uuid import uuid4

import pytest

from event_schemas.activation import ActivationRefusal, ActivationRefused
from event_schemas.registration import CertificateRedeemed, ProductRegistered, RegistrationCancelled
from registration_service.policy import policy_of

from .casework import ZOE, Actor, Case, customer, dealer, open_case
from .conftest import Desk

pytestmark = pytest.mark.requirement("REG-06")
PACK, EXTENSION = "PPCP013FR-VGAD", "EXT2FR-X40"


async def stranger(desk: Desk) -> Actor:
    """An end customer who knows Jan's address, serial number and day of purchase, and has a certificate."""
    eve = {"brand": "dynabook", "name": "Eve", "email": f"eve-{uuid4().hex[:8]}@example.com", "language": "fr"}
    contact = (await desk.room.post("/contacts", eve)).json()["contact_id"]
    await desk.said()
    return customer(desk.room, contact, brand="dynabook")


async def registers(who: Actor, case: Case, desk: Desk, service: str = EXTENSION, **changes: Any) -> Any:
    issued = await desk.certificate(service_reference=service)
    return await who.post("/registrations", {**case.body, "certificate": issued.certificate_number, **changes})


async def claims(case: Case, desk: Desk) -> tuple[Actor, str]:
    """Another dealer claims the product for a new customer."""
    rival = dealer(desk.room)
    answer = await registers(rival, case, desk, PACK, customer={**ZOE, "email": f"{uuid4()}@example.com"})
    assert answer.status_code == 202, answer.text
    return rival, answer.json()["contest_id"]


def refusal_of(case: Case) -> ActivationRefused:
    """What activation says of a service that cannot run."""
    told = {name: case.registered[name] for name in ("product_id", "redemption_id", "serial", "customer_id")}
    shared = {"brand": "dynabook", "service_reference": PACK, "reason": ActivationRefusal.OFFER_UNKNOWN}
    return ActivationRefused.model_validate({**told, **shared})


async def test_who_registers_one_more_service_sees_that_registration_and_never_the_products_file(desk) -> None:
    case, eve = await open_case(desk, model="X40-K-11E"), await stranger(desk)
    answer = await registers(eve, case, desk)
    assert (answer.status_code, answer.json()["product_id"]) == (201, case.product_id)
    own = f"/registrations/{answer.json()['redemption_id']}"
    assert (await eve.get(own)).status_code == 200
    assert (await eve.get(f"/products/{case.product_id}")).status_code == 404
    assert (await eve.get("/products")).json()["items"] == []
    assert (await eve.get(f"/registrations/{case.registered['redemption_id']}")).status_code == 404
    await desk.said()
    for path, body in (
        ("/transfers", case.sale(new_customer={**ZOE, "email": "eve.herself@example.com"})),
        ("/transfers", case.lease_return()),
        ("/moves", case.move()),
        (f"/registrations/{case.registered['redemption_id']}/cancellation", {}),
    ):
        assert (await eve.post(path, body)).status_code == 404, path
    assert await desk.said() == []
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 200
    assert (await case.owner.get(own)).status_code == 200
    assert (await eve.post(f"{own}/cancellation")).status_code == 200


@pytest.mark.requirement("REG-09")
async def test_who_only_registered_a_service_does_not_let_go_of_the_product_by_taking_it_back(desk) -> None:
    case, eve = await open_case(desk), await stranger(desk)
    await desk.room.hear(refusal_of(case))
    view = (await registers(eve, case, desk, PACK)).json()
    assert (await eve.post(f"/registrations/{view['redemption_id']}/cancellation")).status_code == 200
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 200
    assert (await registers(eve, case, desk, PACK, customer=ZOE)).status_code == 202


async def test_who_does_not_see_a_registration_is_not_told_its_ids(desk) -> None:
    case, eve = await open_case(desk), await stranger(desk)
    hidden = await registers(eve, case, desk, PACK)
    shown = await registers(case.owner, case, desk, PACK)
    assert [answer.json()["code"] for answer in (hidden, shown)] == ["serial-already-registered"] * 2
    assert set(hidden.json()["details"]) == {"service_reference", "contact_address"}
    assert shown.json()["details"]["redemption_id"] == case.registered["redemption_id"]
    assert policy_of("dynabook").contacts.requests in hidden.json()["detail"]


@pytest.mark.requirement("REG-16")
async def test_what_a_former_holder_brought_is_for_staff_alone(desk) -> None:
    case = await open_case(desk)
    (winner, first), (other, second) = await claims(case, desk), await claims(case, desk)
    said = {"statement": "I bought it privately; my number is 0470 12 34 56."}
    await case.owner.post(f"/contests/{second}/evidence", said)
    await case.staff.post(f"/contests/{first}/decision", {"decision": "claimant_gets", "reason": "It is theirs."})
    seen = (await winner.get(f"/contests/{second}")).json()
    assert (seen["parties"], seen["evidence"]) == (["holder"], [])
    assert (await case.owner.get(f"/contests/{second}")).status_code == 404
    own = {"statement": "The invoice is ours."}
    assert (await winner.post(f"/contests/{second}/evidence", own)).json()["party"] == "holder"
    assert len((await winner.get(f"/contests/{second}")).json()["evidence"]) == 1
    assert (await other.get(f"/contests/{second}")).json()["evidence"] == []
    told = (await case.staff.get(f"/contests/{second}")).json()["evidence"]
    assert [one["party"] for one in told] == ["former-holder", "holder"]


@pytest.mark.requirement("REG-17", "REG-09")
async def test_after_a_lease_return_neither_customer_sees_the_others_dates_ids_or_registration(desk) -> None:
    case = await open_case(desk, purchased_on="2026-11-20", model="X40-K-11E")
    await case.dealer.post("/transfers", case.lease_return())
    await desk.said()
    newcomer = {**ZOE, "email": f"{uuid4()}@example.com"}
    seller = dealer(desk.room)
    again = await registers(seller, case, desk, PACK, customer=newcomer, purchased_on="2026-11-19")
    assert again.status_code == 201, again.text
    said = [type(fact) for fact in await desk.said()]
    assert said[-2:] == [ProductRegistered, CertificateRedeemed]
    new, old = customer(desk.room, again.json()["customer_id"]), case.registered["redemption_id"]
    for path in (f"/registrations/{old}", f"/registrations/{old}/cancellation"):
        answer = await (new.get(path) if path.endswith(old) else new.post(path))
        assert answer.status_code == 404
    assert [one["redemption_id"] for one in (await new.get("/registrations")).json()["items"]] == [
        again.json()["redemption_id"]
    ]
    for former in (case.owner, case.dealer):
        read = (await former.get(f"/registrations/{old}")).json()
        hidden = read["state"], read["purchased_on"], read["warranty_ends_on"], read["contested"]
        assert hidden == ("ended", None, None, False)
        assert read["customer_id"] == case.registered["customer_id"]


@pytest.mark.requirement("REG-17")
async def test_a_service_that_follows_a_sold_product_is_its_new_customers_to_see(desk) -> None:
    case = await open_case(desk)
    sold = (await case.owner.post("/transfers", case.sale())).json()
    path = f"/registrations/{case.registered['redemption_id']}"
    buyer = customer(desk.room, sold["to_customer_id"])
    seen = (await buyer.get(path)).json()
    assert (seen["customer_id"], seen["purchased_on"]) == (sold["to_customer_id"], "2026-11-20")
    assert (await case.owner.get(path)).status_code == 404
    await claims(case, desk)
    dealers = (await case.dealer.get(path)).json()
    assert (dealers["customer_id"], dealers["purchased_on"], dealers["contested"]) == (
        case.registered["customer_id"],
        None,
        False,
    )
    assert (await buyer.get(path)).json()["contested"] is True


@pytest.mark.requirement("REG-17", "REG-09")
async def test_a_registration_taken_back_after_a_sale_names_the_customer_for_whom_it_was_made(desk) -> None:
    case = await open_case(desk)
    sold = (await case.owner.post("/transfers", case.sale())).json()
    await desk.said()
    buyer = customer(desk.room, sold["to_customer_id"])
    await buyer.post(f"/registrations/{case.registered['redemption_id']}/cancellation")
    (fact,) = await desk.said()
    assert isinstance(fact, RegistrationCancelled)
    assert str(fact.customer_id) == case.registered["customer_id"]


@pytest.mark.requirement("REG-16", "REG-09")
@pytest.mark.parametrize("end", ["withdrawal", "decision"])
async def test_a_product_that_its_customer_gave_up_while_it_was_claimed_is_free_when_the_claim_is_over(
    desk, end
) -> None:
    case = await open_case(desk)
    (rival, first), (other, second) = await claims(case, desk), await claims(case, desk)
    await case.dealer.post(f"/registrations/{case.registered['redemption_id']}/cancellation")
    bodies = {"withdrawal": {}, "decision": {"decision": "holder_keeps", "reason": "Not theirs."}}
    for claimant, contest in ((rival, first), (other, second)):
        assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 200
        who = claimant if end == "withdrawal" else case.staff
        answer = await who.post(f"/contests/{contest}/{end}", bodies[end])
        assert answer.status_code == 200, answer.text
        assert answer.json()["reason"] == (None if end == "withdrawal" else "Not theirs.")
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 404
    assert (await registers(dealer(desk.room), case, desk, PACK, customer=ZOE)).status_code == 201


@pytest.mark.requirement("REG-16", "REG-09")
async def test_a_product_registered_anew_while_it_is_claimed_stays_its_customers(desk) -> None:
    case = await open_case(desk)
    rival, contest = await claims(case, desk)
    await case.dealer.post(f"/registrations/{case.registered['redemption_id']}/cancellation")
    again = await registers(case.dealer, case, desk, PACK)
    assert again.status_code == 201
    await desk.room.hear(refusal_of(Case(case.dealer, case.staff, case.owner, again.json(), case.body)))
    await rival.post(f"/contests/{contest}/withdrawal")
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 200


@pytest.mark.requirement("REG-16")
async def test_a_stranger_cannot_give_up_a_product_that_is_claimed(desk) -> None:
    case, eve = await open_case(desk), await stranger(desk)
    await desk.room.hear(refusal_of(case))
    view = (await registers(eve, case, desk, PACK)).json()
    rival, contest = await claims(case, desk)
    await eve.post(f"/registrations/{view['redemption_id']}/cancellation")
    await rival.post(f"/contests/{contest}/withdrawal")
    assert (await case.owner.get(f"/products/{case.product_id}")).status_code == 200

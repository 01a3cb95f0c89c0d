"""A product is claimed without a certificate, and let go of while nothing runs on it (REG-14, REG-16)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from event_schemas.activation import ServiceActivated
from event_schemas.registration import CertificateRedeemed, ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ContestSettled, RegistrationContested
from event_schemas.registration_mail import ContestAnswered

from .asking import READY
from .conftest import CAMILLE, JAN, Desk, refused
from .dealers import Visitor, dealer, end_customer, same_but_for_ids, staff
from .test_registering import keep, typed
from .test_standalone_products import facts, gone, registered, said_of

WHY = "The invoice of the claimant names the serial number."


def withdrawal(view: dict[str, Any]) -> str:
    return f"/products/{view['product_id']}/withdrawal"


async def claimed(visitor: Visitor, serial: str, **changes: Any) -> dict[str, Any]:
    """The contest that a claim to a product alone opens."""
    said = said_of(serial, customer=CAMILLE, purchased_on="2026-11-02", **changes)
    answer = await visitor.post("/products", said)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def decide(desk: Desk, contest: dict[str, Any], decision: str) -> dict[str, Any]:
    body = {"decision": decision, "reason": WHY}
    answer = await staff(desk.room).post(f"/contests/{contest['contest_id']}/decision", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.requirement("REG-16")
async def test_a_claim_without_a_certificate_takes_the_product_and_the_services_come_back(desk) -> None:
    holder, claimant, issued, serial = dealer(desk.room), dealer(desk.room), await desk.certificate(), desk.serial()
    held = (await holder.post("/registrations", typed(issued.certificate_number, serial))).json()
    await desk.said()
    invoice = await keep(claimant)
    contest = await claimed(claimant, serial, proof_of_purchase=[invoice])
    assert (contest["parties"], contest["service_reference"]) == (["claimant"], None)
    assert [type(fact) for fact in await facts(desk)] == [RegistrationContested]
    told = await decide(desk, contest, "claimant_gets")
    assert (told["decision"], told["redemption_id"], told["not_redeemed"]) == ("claimant_gets", None, None)
    said = await facts(desk)
    expected = [RegistrationCancelled, ContestSettled, ProductRegistered, ContestAnswered, ContestAnswered]
    assert [type(fact) for fact in said] == expected
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 3
    read = (await claimant.get(f"/products/{held['product_id']}")).json()
    assert (read["customer_id"], read["warranty_ends_on"], read["proof_of_purchase"], read["services"]) == (
        *(contest["claimant_id"], "2027-11-01", [invoice]),
        [],
    )
    assert (await holder.get(f"/products/{held['product_id']}")).status_code == 404


@pytest.mark.requirement("REG-16")
async def test_the_holder_of_a_product_alone_keeps_it_or_loses_it_to_a_claim_with_a_certificate(desk) -> None:
    holder, claimant = dealer(desk.room), dealer(desk.room)
    for decision, kinds in (
        ("holder_keeps", [ContestSettled]),
        ("claimant_gets", [ContestSettled, ProductRegistered, CertificateRedeemed]),
    ):
        issued, serial = await desk.certificate(), desk.serial()
        view = await registered(holder, serial)
        body = typed(issued.certificate_number, serial, customer=CAMILLE)
        contest = (await claimant.post("/registrations", body)).json()
        await desk.said()
        await decide(desk, contest, decision)
        assert [type(fact) for fact in await facts(desk)] == [*kinds, ContestAnswered, ContestAnswered]
        owner = holder if decision == "holder_keeps" else claimant
        assert (await owner.get(f"/products/{view['product_id']}")).status_code == 200


@pytest.mark.requirement("REG-16")
async def test_the_first_claim_is_kept_whether_the_next_has_a_certificate_or_not(desk) -> None:
    claimant, serial, issued = dealer(desk.room), desk.serial(), await desk.certificate()
    await registered(dealer(desk.room), serial)
    contest = await claimed(claimant, serial)
    form = typed(issued.certificate_number, serial, customer=CAMILLE)
    assert (await claimant.post("/registrations", form)).json() == contest
    assert (await decide(desk, contest, "claimant_gets"))["redemption_id"] is None
    answer = await claimant.post("/registrations", {**form, "purchased_on": "2026-11-02"})
    assert answer.status_code == 201, answer.text  # the unit was not taken


@pytest.mark.requirement("REG-14")
async def test_a_product_on_which_nothing_runs_is_withdrawn_by_its_customer_and_free_for_the_next(desk) -> None:
    serial = desk.serial()
    view, _ = await registered(dealer(desk.room), serial), await desk.said()
    owner = end_customer(desk.room, view["customer_id"])
    desk.room.clock.advance(timedelta(hours=1))
    answer = await owner.post(withdrawal(view), {})
    expected = {"product_id": view["product_id"], "state": "withdrawn", "withdrawn_at": "2026-11-22T10:00:00Z"}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert await desk.said() == []
    assert (await owner.get(f"/products/{view['product_id']}")).status_code == 404
    assert (await owner.post(withdrawal(view), {})).status_code == 404
    later = said_of(serial, customer=CAMILLE, purchased_on="2026-11-21")
    refused(await dealer(desk.room).post("/products", later), 409, "purchase-later-than-known", "/purchased_on")
    shop = dealer(desk.room)
    assert (await registered(shop, serial, customer=CAMILLE))["product_id"] == view["product_id"]
    assert [type(fact) for fact in await facts(desk)] == [ProductRegistered]
    assert (await shop.post(withdrawal(view), {})).status_code == 200
    corrected = await staff(desk.room).post("/products", later)  # those who see every file correct the day
    assert (corrected.status_code, corrected.json()["warranty_ends_on"]) == (201, "2027-11-20")


@pytest.mark.requirement("REG-06")
async def test_only_who_sees_a_product_withdraws_it(desk) -> None:
    shop, serial, issued = dealer(desk.room), desk.serial(), await desk.certificate()
    view = await registered(shop, serial)
    helper = dealer(desk.room)  # registers one more service for the customer, and has no say about the product
    registration = (await helper.post("/registrations", typed(issued.certificate_number, serial))).json()
    assert (await helper.post(f"/registrations/{registration['redemption_id']}/cancellation", {})).status_code == 200
    strangers = [helper, dealer(desk.room), end_customer(desk.room, str(uuid4()))]
    unknown = await strangers[0].post(f"/products/{uuid4()}/withdrawal", {})
    assert unknown.status_code == 404
    assert same_but_for_ids(unknown, *[await one.post(withdrawal(view), {}) for one in strangers])
    assert not await gone(desk, view["product_id"])
    assert (await shop.post(withdrawal(view), {})).status_code == 200


@pytest.mark.requirement("REG-14")
async def test_while_a_service_runs_or_somebody_claims_it_a_product_is_not_withdrawn(desk) -> None:
    shop, serial, issued = dealer(desk.room), desk.serial(), await desk.certificate()
    view = await registered(shop, serial)
    redemption = (await shop.post("/registrations", typed(issued.certificate_number, serial))).json()["redemption_id"]
    answer = await shop.post(withdrawal(view), {})
    assert (answer.status_code, answer.json()["code"]) == (409, "services-running")
    assert serial in answer.json()["detail"]
    assert answer.json()["details"]["redemption_ids"] == [redemption]
    bare = await registered(shop, desk.serial())
    contest = await claimed(dealer(desk.room), bare["serial"])
    answer = await shop.post(withdrawal(bare), {})
    assert (answer.status_code, answer.json()["code"]) == (409, "product-contested")
    await decide(desk, contest, "holder_keeps")
    assert (await shop.post(withdrawal(bare), {})).status_code == 200


@pytest.mark.requirement("REG-14")
async def test_a_service_that_a_contract_brought_keeps_its_product_too(desk) -> None:
    shop = dealer(desk.room)
    view = await registered(shop, desk.serial())
    service = ServiceActivated(
        brand="dynabook",
        activation_id=uuid4(),
        redemption_id=uuid4(),
        product_id=view["product_id"],
        serial=view["serial"],
        service_reference="EXT2FR-X40",
        service_name="Extension 2 ans",
        customer_id=view["customer_id"],
        response_level="on-site",
        activated_at=READY - timedelta(days=2),
        operational_at=READY,
        ends_on="2028-11-21",
    )
    await desk.room.hear(service)
    answer = await shop.post(withdrawal(view), {})
    assert (answer.json()["code"], answer.json()["details"]["under_contract_until"]) == (
        *("services-running",),
        "2028-11-21",
    )


@pytest.mark.requirement("REG-13", "REG-14")
async def test_a_withdrawal_and_a_registration_at_once_leave_a_product_that_is_its_customers_with_its_unit(
    desk,
) -> None:
    issued = await desk.certificate(quantity=100)
    for _ in range(10):
        shop, serial = dealer(desk.room), desk.serial()
        view = await registered(shop, serial)
        left, form = await asyncio.gather(
            shop.post(withdrawal(view), {}),
            shop.post("/registrations", typed(issued.certificate_number, serial, customer=JAN)),
        )
        assert form.status_code == 201, form.text
        assert left.status_code in (200, 409), left.text
        assert not await gone(desk, view["product_id"])

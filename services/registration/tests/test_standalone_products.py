"""A product is registered without a service, so that one can be activated for it by code (ACT-02, REG-14)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.support.rooms import MORNING

from event_schemas.activation_codes import CodePresented
from event_schemas.contacts import ContactChanged
from event_schemas.registration import CertificateRedeemed, ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred, RegistrationContested

from .asking import Asker
from .casework import claim, open_case
from .conftest import CAMILLE, JAN, Desk, refused, without_offer
from .dealers import Visitor, dealer, end_customer, staff
from .test_registering import keep, typed

SALE = {"kind": "sale", "transferred_on": "2026-11-22", "reason": "Sold with the office.", "new_customer": CAMILLE}


def said_of(serial: str, **changes: Any) -> dict[str, Any]:
    usual = {"brand": "dynabook", "serial": serial, "model": "PT5B1E-0K601", "purchased_on": "2026-11-20"}
    return {**usual, "customer": JAN, **changes}


async def registered(shop: Visitor, serial: str, **changes: Any) -> dict[str, Any]:
    answer = await shop.post("/products", said_of(serial, **changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def facts(desk: Desk) -> list[Any]:
    """What was said, without what is new about people."""
    return [fact for fact in await desk.said() if not isinstance(fact, ContactChanged)]


async def gone(desk: Desk, product_id: str) -> bool:
    query = "SELECT released_at IS NOT NULL FROM products WHERE product_id = $1"
    return bool(await desk.room.database.pool.fetchval(query, UUID(product_id)))


@pytest.mark.requirement("REG-12", "REG-14", "ACT-02")
async def test_a_product_is_registered_without_a_certificate_and_has_its_warranty_and_no_service(desk) -> None:
    shop, serial = dealer(desk.room), desk.serial()
    invoice = await keep(shop)
    async with without_offer(desk.room, ""):  # what is sold does not matter here
        view = await registered(shop, serial.lower(), registered_as="reseller", proof_of_purchase=[invoice])
    assert (view["serial"], view["warranty_ends_on"]) == (serial, "2027-11-19")
    [fact] = await facts(desk)
    assert fact == ProductRegistered(
        brand="dynabook",
        product_id=UUID(view["product_id"]),
        serial=serial,
        model="PT5B1E-0K601",
        purchased_on="2026-11-20",
        warranty_ends_on="2027-11-19",
        customer_id=UUID(view["customer_id"]),
        organisation_id=UUID(shop.organisation or ""),
        registered_by=f"{shop.subject}@{shop.organisation}",
    )
    read = (await shop.get(f"/products/{view['product_id']}")).json()
    kept = {"registered_as": "reseller", "proof_of_purchase": [invoice], "services": []}
    assert read == {**view, **kept}
    assert (await end_customer(desk.room, view["customer_id"]).get("/products")).json()["items"] == [view]
    assert (await shop.get(f"/registrations?serial={serial}")).json()["items"] == []


@pytest.mark.requirement("REG-14", "REG-23")
async def test_the_public_check_shows_its_warranty_without_services(desk, tell) -> None:
    view = await registered(dealer(desk.room), desk.serial())
    [product] = await Asker(desk.room).products(view["serial"])
    assert (product["warranty_ends_on"], product["services"]) == ("2027-11-19", [])


@pytest.mark.requirement("REG-13", "REG-16")
@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"serial": "9H012345SX"}, "serial-malformed", "/serial"),
        ({"serial": "9H"}, "serial-wrong-length", "/serial"),
        ({"model": "PT_5"}, "model-malformed", "/model"),
        ({"model": None}, "model-unknown", "/model"),
        ({"purchased_on": "2026-11-23"}, "purchase-in-future", "/purchased_on"),
        ({"proof_of_purchase": [str(uuid4())]}, "document-unknown", "/proof_of_purchase/0"),
        ({"customer": {**JAN, "address": {"country": "XX"}}}, "country-unknown", "/customer/address/country"),
        ({"certificate": "FC7KQ3MXT9WA"}, "fields-not-acceptable", "/certificate"),
    ],
)
async def test_the_forms_rules_hold_and_nothing_is_written(desk, changes, code, pointer) -> None:
    before = await desk.rows()
    refused(await desk.room.post("/products", said_of(**{"serial": "9H7777777X", **changes})), 422, code, pointer)
    assert await desk.rows() == before


async def test_the_model_may_be_left_out_where_the_brand_has_told_it(desk) -> None:
    serial = desk.serial()
    await desk.room.post("/units", {"brand": "dynabook", "units": [{"serial": serial, "model": "X40-K-11E"}]})
    assert (await registered(dealer(desk.room), serial, model=None))["model"] == "X40-K-11E"


@pytest.mark.requirement("REG-12")
async def test_the_same_customer_again_is_shown_the_product_and_another_day_is_another_matter(desk) -> None:
    shop, other, serial = dealer(desk.room), dealer(desk.room), desk.serial()
    view, _ = await registered(shop, serial), await desk.said()
    again = await shop.post("/products", said_of(serial))
    assert serial in refused(again, 409, "product-already-registered", "/serial")["detail"]
    assert again.json()["details"]["product_id"] == view["product_id"]
    blind = await other.post("/products", said_of(serial))
    refused(blind, 409, "product-already-registered", "/serial")
    assert blind.json()["details"].keys() == {"contact_address"}  # it is not theirs to see
    other_day = await shop.post("/products", said_of(serial, purchased_on="2026-11-01"))
    refused(other_day, 409, "serial-registered-differently", "/serial")
    assert await desk.said() == []


@pytest.mark.requirement("REG-12")
async def test_the_form_registers_the_first_service_for_it(desk) -> None:
    shop, issued, serial = dealer(desk.room), await desk.certificate(), desk.serial()
    view, _ = await registered(shop, serial), await desk.said()
    answer = await shop.post("/registrations", typed(issued.certificate_number, serial))
    assert (answer.status_code, answer.json()["product_id"]) == (201, view["product_id"])
    assert [type(fact) for fact in await facts(desk)] == [CertificateRedeemed]
    read = (await shop.get(f"/products/{view['product_id']}")).json()
    assert [one["service_reference"] for one in read["services"]] == ["PPCP013FR-VGAD"]
    refused(await shop.post("/products", said_of(serial)), 409, "product-already-registered", "/serial")


@pytest.mark.requirement("ACT-02")
async def test_a_code_is_redeemed_for_it(desk) -> None:
    issued, account = await desk.certificate(), uuid4()
    view, _ = await registered(dealer(desk.room), desk.serial()), await desk.said()
    code = CodePresented(
        brand="dynabook",
        request_id=uuid4(),
        product_id=view["product_id"],
        serial=view["serial"],
        customer_id=view["customer_id"],
        service_reference="PPCP013FR-VGAD",
        code=issued.certificate_number,
        purchased_on="2026-11-20",
        presented_at=MORNING,
        owner=str(account),
    )
    await desk.room.hear(code)
    *_, redeemed = await facts(desk)
    assert isinstance(redeemed, CertificateRedeemed)
    assert (redeemed.request_id, str(redeemed.product_id)) == (code.request_id, view["product_id"])


@pytest.mark.requirement("REG-09")
async def test_when_its_customer_takes_the_last_registration_back_it_is_let_go_of_like_any_other(desk) -> None:
    shop, issued, serial = dealer(desk.room), await desk.certificate(), desk.serial()
    view = await registered(shop, serial)
    redemption = (await shop.post("/registrations", typed(issued.certificate_number, serial))).json()["redemption_id"]
    await desk.said()
    assert (await shop.post(f"/registrations/{redemption}/cancellation", {})).status_code == 200
    assert [type(fact) for fact in await facts(desk)] == [RegistrationCancelled]
    assert await gone(desk, view["product_id"])
    again = await registered(shop, serial, purchased_on="2026-11-19")
    assert (again["product_id"], again["warranty_ends_on"]) == (view["product_id"], "2027-11-18")
    assert [type(fact) for fact in await facts(desk)] == [ProductRegistered]
    later = await staff(desk.room).post("/products", said_of(serial, purchased_on="2026-11-20"))
    refused(later, 409, "serial-registered-differently", "/serial")


@pytest.mark.requirement("REG-16")
async def test_whoever_gave_a_claimed_product_up_and_registers_it_again_keeps_it(desk) -> None:
    case = await open_case(desk)
    rival, contest_id = await claim(case, desk)
    path = f"/registrations/{case.registered['redemption_id']}/cancellation"
    assert (await case.dealer.post(path, {})).status_code == 200
    again = {name: value for name, value in case.body.items() if name != "certificate"}
    await desk.said()
    answer = await case.dealer.post("/products", again)
    assert (answer.status_code, answer.json()["product_id"]) == (201, case.product_id)
    assert [type(fact) for fact in await facts(desk)] == [ProductRegistered]
    assert (await rival.post(f"/contests/{contest_id}/withdrawal", {})).status_code == 200
    assert not await gone(desk, case.product_id)


@pytest.mark.requirement("REG-17", "REG-18")
async def test_it_is_sold_with_no_redemption_and_its_invoice_stays_behind(desk) -> None:
    shop = dealer(desk.room)
    view = await registered(shop, desk.serial(), proof_of_purchase=[await keep(shop)])
    address = {"street": "Bahnhofstrasse 1", "postal_code": "8001", "city": "Zürich"}
    move = {"from_country": "BE", "to_country": "CH", "planned_on": "2027-01-15", "new_address": address}
    moved = await shop.post("/moves", {"product_id": view["product_id"], **move, "reason": "The office moves."})
    assert moved.status_code == 201, moved.text
    assert (await shop.post("/transfers", {"product_id": view["product_id"], **SALE})).status_code == 201
    [transferred] = [fact for fact in await desk.said() if isinstance(fact, ProductTransferred)]
    assert transferred.redemption_ids == ()
    buyer = end_customer(desk.room, str(transferred.to_customer_id))
    read = (await buyer.get(f"/products/{view['product_id']}")).json()
    assert (read["registered_as"], read["proof_of_purchase"], read["services"]) == (None, [], [])
    back = {"product_id": view["product_id"], "kind": "lease_return", "transferred_on": "2026-11-22"}
    assert (await buyer.post("/transfers", back)).status_code == 201
    assert await gone(desk, view["product_id"])


@pytest.mark.requirement("REG-13")
async def test_the_product_alone_and_with_a_certificate_at_once_is_one_product_with_one_unit(desk) -> None:
    issued = await desk.certificate(quantity=100)
    for _ in range(10):
        shop, serial = dealer(desk.room), desk.serial()
        alone, form = await asyncio.gather(
            shop.post("/products", said_of(serial)),
            shop.post("/registrations", typed(issued.certificate_number, serial)),
        )
        assert form.status_code == 201, form.text
        assert alone.status_code in (201, 409), alone.text
        product = (alone.json() if alone.status_code == 201 else alone.json()["details"])["product_id"]
        assert product == form.json()["product_id"]
        kinds = [type(fact) for fact in await facts(desk)]
        assert kinds.count(CertificateRedeemed) == 1
        assert kinds.count(ProductRegistered) == 1
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 90


@pytest.mark.requirement("REG-16")
async def test_of_two_customers_at_once_one_has_it_and_the_other_contests_it(desk) -> None:
    for _ in range(10):
        serial = desk.serial()
        people = [{**JAN, "email": f"{uuid4()}@example.com"} for _ in range(2)]
        asked = (dealer(desk.room).post("/products", said_of(serial, customer=one)) for one in people)
        answers = await asyncio.gather(*asked)
        assert sorted(answer.status_code for answer in answers) == [201, 202]
        assert [type(fact) for fact in await facts(desk)] == [ProductRegistered, RegistrationContested]


@pytest.mark.requirement("ALL-01", "REG-13")
async def test_twenty_equal_registrations_at_once_make_one_product(desk) -> None:
    shop, serial = dealer(desk.room), desk.serial()
    await desk.room.post("/contacts", {**JAN, "brand": "dynabook"})
    await desk.said()
    answers = await asyncio.gather(*(shop.post("/products", said_of(serial)) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert len(await desk.said()) == 1
    key = str(uuid4())
    desk.room.clock.advance(timedelta(minutes=1))
    told = [await shop.post("/products", said_of(f"{serial[:-1]}Y"), key=key) for _ in range(2)]
    assert (told[0].status_code, told[0].json()) == (201, told[1].json())

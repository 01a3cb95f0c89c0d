"""What a registration takes, what it may leave out, and who sees it afterwards."""

from uuid import UUID, uuid4

import pytest

from event_schemas.registration import ProductRegistered

from .conftest import JAN, refused
from .dealers import dealer, end_customer, same_but_for_ids, staff

INVOICE = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def typed(certificate: str, serial: str, **changes: object) -> dict[str, object]:
    usual = {"brand": "dynabook", "certificate": certificate, "serial": serial, "model": "PT5B1E-0K601"}
    return {**usual, "purchased_on": "2026-11-20", "customer": JAN, **changes}


async def keep(visitor) -> str:
    """A document that a visitor has uploaded."""
    headers = visitor.room._headers(visitor.token["scopes"], "en", visitor.token["claims"], None)
    answer = await visitor.room.client.post(
        "/documents?name=invoice.pdf", content=INVOICE, headers={**headers, "Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document_id"])


@pytest.mark.requirement("REG-13")
async def test_the_model_may_be_left_out_when_the_brand_has_told_which_unit_the_serial_is(desk) -> None:
    issued, serial = await desk.certificate(), desk.serial()
    error = refused(
        await desk.register(issued.certificate_number, serial=serial, model=None), 422, "model-unknown", "/model"
    )
    assert serial in error["detail"]
    unit = {"serial": serial.lower(), "model": "x40-k-11e"}
    told = await desk.room.post("/units", {"brand": "dynabook", "units": [unit, unit]})
    assert (told.status_code, told.json()) == (201, {"told": 1, "new": 1})
    again = await desk.room.post("/units", {"brand": "dynabook", "units": [unit]})
    assert again.json() == {"told": 1, "new": 0}
    answer = await desk.register(issued.certificate_number, serial=serial, model=None)
    assert (answer.status_code, answer.json()["model"]) == (201, "X40-K-11E")


@pytest.mark.requirement("REG-13")
async def test_a_serial_of_several_models_needs_its_model(desk) -> None:
    issued, serial = await desk.certificate(), desk.serial()
    units = [{"serial": serial, "model": model} for model in ("X40-K-11E", "A50-J-138")]
    await desk.room.post("/units", {"brand": "dynabook", "units": units})
    answer = await desk.register(issued.certificate_number, serial=serial, model=None)
    assert refused(answer, 422, "model-ambiguous", "/model")["accepted"] == ["A50-J-138", "X40-K-11E"]


async def test_a_unit_that_cannot_be_the_brands_is_named_by_its_place_and_none_is_remembered(desk) -> None:
    units = [{"serial": desk.serial(), "model": "X40-K-11E"}, {"serial": "9H012345SX", "model": "X40-K-11E"}]
    before = await desk.rows()
    answer = await desk.room.post("/units", {"brand": "dynabook", "units": units})
    assert refused(answer, 422, "serial-malformed", "/units/1/serial")["accepted"] == "9H0123455X"
    assert await desk.rows() == before
    refused(await desk.room.post("/units", {"brand": "dynabook", "units": []}), 422, "fields-not-acceptable", "/units")


async def test_the_service_reference_must_be_the_certificates(desk) -> None:
    issued = await desk.certificate()
    answer = await desk.register(issued.certificate_number, service_reference="EXT2FR-X40")
    error = refused(answer, 422, "service-reference-mismatch", "/service_reference")
    assert (error["value"], error["accepted"]) == ("EXT2FR-X40", ["PPCP013FR-VGAD"])
    good = await desk.register(issued.certificate_number, service_reference="PPCP013FR-VGAD")
    assert good.status_code == 201


@pytest.mark.requirement("REG-12")
async def test_a_reseller_registers_on_a_customers_behalf_and_the_fact_names_the_dealer(desk) -> None:
    shop, issued = dealer(desk.room), await desk.certificate()
    person = {**JAN, "email": "peeters.nv@example.com", "company": "Peeters NV", "phone": "+32 9 000 00 00"}
    person |= {"address": {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}}
    body = typed(issued.certificate_number, desk.serial(), customer=person, registered_as="reseller")
    view = (await shop.post("/registrations", body)).json()
    facts = {type(fact): fact for fact in await desk.said()}
    assert facts[ProductRegistered].organisation_id == UUID(shop.organisation)
    read = (await shop.get(f"/registrations/{view['redemption_id']}", language="nl")).json()
    assert (read["registered_as"], read["state"], read["service_name"]) == (
        "reseller",
        "registered",
        "Pack Pro Connect 3 jaar",
    )


@pytest.mark.requirement("REG-16")
async def test_proof_of_purchase_is_attached_by_document_and_somebody_elses_is_unknown(desk) -> None:
    shop, other, issued = dealer(desk.room), dealer(desk.room), await desk.certificate()
    mine, theirs = await keep(shop), await keep(other)
    serial, before = desk.serial(), await desk.rows()
    wrong = [
        await shop.post("/registrations", typed(issued.certificate_number, serial, proof_of_purchase=[mine, document]))
        for document in (theirs, str(uuid4()))
    ]
    for answer in wrong:
        refused(answer, 422, "document-unknown", "/proof_of_purchase/1")
    assert await desk.rows() == before
    body = typed(issued.certificate_number, serial, proof_of_purchase=[mine])
    view = (await shop.post("/registrations", body)).json()
    read = await shop.get(f"/registrations/{view['redemption_id']}")
    assert read.json()["proof_of_purchase"] == [mine]


@pytest.mark.requirement("REG-13")
async def test_the_same_product_and_service_of_the_same_customer_is_registered_already_whatever_the_certificate(
    desk,
) -> None:
    first, second, serial = await desk.certificate(), await desk.certificate(), desk.serial()
    view = (await desk.register(first.certificate_number, serial=serial)).json()
    answer = await desk.register(second.certificate_number, serial=serial)
    refused(answer, 409, "serial-already-registered", "/serial")
    assert answer.json()["details"]["redemption_id"] == view["redemption_id"]
    other_day = await desk.register(second.certificate_number, serial=serial, purchased_on="2026-11-01")
    refused(other_day, 409, "serial-registered-differently", "/serial")
    assert (await desk.ledger(second.certificate_id))["units_left"] == 3


@pytest.mark.requirement("REG-14")
async def test_the_standard_warranty_runs_from_the_purchase_whenever_the_product_is_registered(desk) -> None:
    issued = await desk.certificate(brand="ibm", service_reference="SPAC-ONSITE-36")
    unit = {"brand": "ibm", "serial": "78B1B2C", "model": "9105-22A", "purchased_on": "2024-02-29"}
    view = (await desk.register(issued.certificate_number, **unit)).json()
    assert (
        view["warranty_ends_on"] == "2025-02-28"
    )  # over since long; a service that extends nothing registers all the same
    product = (await desk.room.get(f"/products/{view['product_id']}")).json()
    assert (product["purchased_on"], product["warranty_ends_on"]) == ("2024-02-29", "2025-02-28")
    assert [one["service_reference"] for one in product["services"]] == ["SPAC-ONSITE-36"]


@pytest.mark.requirement("REG-06")
async def test_members_see_their_own_files_administrators_the_organisations_and_others_nothing(desk) -> None:
    boss, issued = dealer(desk.room), await desk.certificate(quantity=5)
    clerk, colleague = (dealer(desk.room, boss.organisation, "dealer-member") for _ in range(2))
    stranger, body = dealer(desk.room), typed(issued.certificate_number, desk.serial())
    view = (await clerk.post("/registrations", body)).json()
    customer = end_customer(desk.room, view["customer_id"])
    somebody = end_customer(desk.room, str(uuid4()))
    paths = f"/registrations/{view['redemption_id']}", f"/products/{view['product_id']}"
    for path in paths:
        for visitor in (clerk, boss, customer, staff(desk.room)):
            assert (await visitor.get(path)).status_code == 200, visitor
        unknown = await stranger.get(f"/{path.split('/')[1]}/{uuid4()}")
        hidden = [await visitor.get(path) for visitor in (colleague, stranger, somebody)]
        assert unknown.status_code == 404
        assert same_but_for_ids(unknown, *hidden)
    for kind, key in (("registrations", "redemption_id"), ("products", "product_id")):
        lists = [await one.get(f"/{kind}?serial={view['serial'].lower()}") for one in (clerk, boss, customer)]
        assert [[item[key] for item in answer.json()["items"]] for answer in lists] == [[view[key]]] * 3
        for visitor in (colleague, stranger, somebody):
            assert (await visitor.get(f"/{kind}")).json() == {"items": [], "next_cursor": None}


async def test_lists_go_on_page_by_page_and_a_thing_that_did_not_change_is_not_sent_again(desk) -> None:
    shop, issued = dealer(desk.room), await desk.certificate()
    made = [
        (await shop.post("/registrations", typed(issued.certificate_number, desk.serial()))).json() for _ in range(3)
    ]
    for kind, key in (("registrations", "redemption_id"), ("products", "product_id")):
        first = (await shop.get(f"/{kind}?limit=2")).json()
        rest = (await shop.get(f"/{kind}?limit=2&cursor={first['next_cursor']}")).json()
        assert [one[key] for one in first["items"] + rest["items"]] == [one[key] for one in reversed(made)]
        assert rest["next_cursor"] is None
        path = f"/{kind}/{made[0][key]}"
        tag = (await shop.get(path)).headers["etag"]
        headers = shop.room._headers(shop.token["scopes"], "en", shop.token["claims"], None)
        answer = await desk.room.client.get(path, headers={**headers, "If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
    by_certificate = (await shop.get(f"/registrations?certificate_id={issued.certificate_id}")).json()["items"]
    assert len(by_certificate) == 3
    assert (await shop.get("/registrations?brand=carri")).json()["items"] == []


async def test_a_token_of_one_brand_registers_and_sees_that_brand_alone(desk) -> None:
    issued = await desk.certificate()
    body = typed(issued.certificate_number, desk.serial())
    theirs = {"claims": {"sub": "carri-desk", "brand": "carri"}}
    refused(await desk.room.post("/registrations", body, **theirs), 403, "brand-not-yours", "/brand")
    view = (await desk.room.post("/registrations", body)).json()
    for path in (f"/registrations/{view['redemption_id']}", f"/products/{view['product_id']}"):
        assert (await desk.room.get(path, **theirs)).status_code == 404
        assert (await desk.room.get(path)).status_code == 200

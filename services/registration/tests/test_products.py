"""Products are registered with a unit of a certificate: exactly as often as it has units."""

import asyncio
from datetime import UTC, datetime

import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration import CertificateRedeemed, ProductRegistered

from .conftest import JAN, refused


async def test_a_registration_tells_of_customer_product_and_redeemed_unit(desk) -> None:
    issued = await desk.certificate()
    serial, zoe = desk.serial(), {"name": "Zoë Lambert", "email": "zoe@example.com", "language": "fr"}
    answer = await desk.register(issued.certificate_number, serial=serial, purchased_on="2026-02-27", customer=zoe)
    assert answer.status_code == 201
    view = answer.json()
    assert (view["serial"], view["warranty_ends_on"], view["units_left"]) == (serial, "2027-02-26", 2)
    common = {**view, "brand": "dynabook", "model": "PT5B1E-0K601", "purchased_on": "2026-02-27"}
    assert await desk.said() == [
        ContactChanged(**zoe, brand="dynabook", contact_id=view["customer_id"]),
        ProductRegistered.model_validate({**common, "registered_by": "test"}),
        CertificateRedeemed.model_validate({**common, "service_reference": "PPCP013FR-VGAD"}),
    ]


@pytest.mark.requirement("REG-09")
async def test_a_certificate_of_three_units_is_redeemed_exactly_three_times(desk) -> None:
    issued = await desk.certificate()
    answers = [await desk.register(issued.certificate_number) for _ in range(3)]
    assert [answer.json()["units_left"] for answer in answers] == [2, 1, 0]
    before = await desk.rows()
    fourth = refused(await desk.register(issued.certificate_number), 409, "certificate-exhausted", "/certificate")
    assert fourth["detail"] == "This certificate had 3 units and all of them are redeemed; use another certificate."
    assert await desk.rows() == before


@pytest.mark.requirement("REG-09")
async def test_of_a_hundred_parallel_redemptions_of_three_units_three_succeed_and_97_get_the_same_refusal(desk) -> None:
    issued = await desk.certificate()
    people = [{**JAN, "email": f"customer-{number}@example.com"} for number in range(100)]
    answers = await asyncio.gather(*(desk.register(issued.certificate_number, customer=one) for one in people))
    good = [answer.json() for answer in answers if answer.status_code == 201]
    refusals = [answer for answer in answers if answer.status_code != 201]
    assert sorted(view["units_left"] for view in good) == [0, 1, 2]
    assert len(refusals) == 97
    for answer in refusals:
        refused(answer, 409, "certificate-exhausted", "/certificate")
    assert len({str({**answer.json(), "correlation_id": ""}) for answer in refusals}) == 1
    ledger = await desk.ledger(issued.certificate_id)
    assert ledger["units_left"] == 0 == ledger["quantity"] + sum(entry["change"] for entry in ledger["entries"])
    assert {entry["serial"] for entry in ledger["entries"]} == {view["serial"] for view in good}
    said = await desk.said()
    redeemed = [fact.redemption_id for fact in said if isinstance(fact, CertificateRedeemed)]
    assert {str(one) for one in redeemed} == {view["redemption_id"] for view in good}
    assert [sum(isinstance(fact, kind) for fact in said) for kind in (ContactChanged, ProductRegistered)] == [3, 3]
    assert len(redeemed) == 3


@pytest.mark.requirement("REG-13")
async def test_a_serial_is_registered_once_with_a_service_even_when_twenty_try_at_once(desk) -> None:
    issued = await desk.certificate(quantity=30)
    serial = desk.serial()
    answers = await asyncio.gather(*(desk.register(issued.certificate_number, serial=serial) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert refused(loser, 409, "serial-already-registered", "/serial")["value"] == serial
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 29


@pytest.mark.requirement("REG-13")
async def test_a_serial_is_unique_within_brand_and_model_and_other_models_may_have_it_too(desk) -> None:
    issued = await desk.certificate()
    serial = desk.serial()
    first = await desk.register(issued.certificate_number, serial=serial)
    other = await desk.register(issued.certificate_number, serial=serial, model="X40-K-11E")
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["product_id"] != other.json()["product_id"]


async def test_a_second_service_joins_the_same_product_which_is_not_announced_again(desk) -> None:
    pack, extension = await desk.certificate(), await desk.certificate(service_reference="EXT2FR-X40")
    unit = {"serial": desk.serial(), "model": "X40-K-11E"}
    first = await desk.register(pack.certificate_number, **unit)
    await desk.said()
    second = await desk.register(extension.certificate_number, **unit)
    assert second.json()["product_id"] == first.json()["product_id"]
    assert [type(fact) for fact in await desk.said()] == [CertificateRedeemed]


async def test_a_registered_product_is_not_registered_again_with_another_day_of_purchase(desk) -> None:
    pack, extension = await desk.certificate(), await desk.certificate(service_reference="EXT2FR-X40")
    unit = {"serial": desk.serial(), "model": "X40-K-11E"}
    await desk.register(pack.certificate_number, **unit)
    before = await desk.rows()
    answer = await desk.register(extension.certificate_number, **unit, purchased_on="2026-11-19")
    refused(answer, 409, "serial-registered-differently", "/serial")
    assert await desk.rows() == before


@pytest.mark.requirement("REG-13")
@pytest.mark.parametrize(
    ("serial", "character", "position", "likely"),
    [
        ("9H012345SX", "S", 9, "9H0123455X"),
        ("9h012345sx", "s", 9, "9H0123455X"),
        ("9H01 23456X", " ", 5, "9H0123456X"),
        ("9H0123456X ", " ", 11, "9H0123456X"),
        ("SH 012345SX", "S", 1, "5H0123455X"),
        ("9H01234é6X", "é", 8, "[0-9A-RT-Z]{9,10}"),
    ],
)
async def test_a_serial_with_a_space_or_the_letter_s_is_refused_with_the_wrong_character_and_the_likely_serial(
    desk, serial, character, position, likely
) -> None:
    issued = await desk.certificate()
    before = await desk.rows()
    answer = await desk.register(issued.certificate_number, serial=serial)
    error = refused(answer, 422, "serial-malformed", "/serial")
    assert (error["value"], error["accepted"]) == (serial, likely)
    assert f"“{character}” at position {position} " in error["detail"]
    assert likely in error["detail"]
    assert await desk.rows() == before


@pytest.mark.requirement("REG-13")
async def test_a_model_number_of_a_brand_without_the_letter_s_is_refused_the_same_way(desk) -> None:
    issued = await desk.certificate()
    error = refused(
        await desk.register(issued.certificate_number, model="PTSB1E-0K601"), 422, "model-malformed", "/model"
    )
    assert error["accepted"] == "PT5B1E-0K601"


async def test_a_serial_in_small_letters_is_the_same_serial(desk) -> None:
    issued, serial = await desk.certificate(), desk.serial()
    answer = await desk.register(issued.certificate_number, serial=serial.lower())
    assert answer.json()["serial"] == serial
    refused(await desk.register(issued.certificate_number, serial=serial), 409, "serial-already-registered", "/serial")


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"serial": "9H012345"}, 422, "serial-wrong-length", "/serial"),
        ({"model": "PT"}, 422, "model-wrong-length", "/model"),
        ({"model": "M75-1"}, 422, "model-not-covered", "/model"),
        ({"certificate": "FCAAAAAAAAAA"}, 422, "certificate-unknown", "/certificate"),
        ({"certificate": "x"}, 422, "certificate-unknown", "/certificate"),
        ({"purchased_on": "2026-11-23"}, 422, "purchase-in-future", "/purchased_on"),
        ({"purchased_on": 1700000000}, 422, "fields-not-acceptable", "/purchased_on"),
        ({"purchased_on": "20/11/2026"}, 422, "fields-not-acceptable", "/purchased_on"),
        ({"serial": "9H\x00123456X"}, 422, "fields-not-acceptable", "/serial"),
        ({"customer": {**JAN, "language": "de"}}, 422, "fields-not-acceptable", "/customer/language"),
        ({"colour": "red"}, 422, "fields-not-acceptable", "/colour"),
        ({"brand": "toshiba"}, 422, "brand-unknown", "/brand"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_stays(desk, change, status, code, pointer) -> None:
    issued = await desk.certificate()
    before = await desk.rows()
    sent = {"certificate": issued.certificate_number} | change
    refused(await desk.register(**sent), status, code, pointer)
    assert await desk.rows() == before


async def test_another_brands_certificate_is_as_unknown_as_one_that_does_not_exist(desk) -> None:
    issued = await desk.certificate()
    unit = {"brand": "carri", "serial": "C1234567", "model": "CRT-100"}
    theirs = await desk.register(issued.certificate_number, **unit)
    nobodys = await desk.register("FCAAAAAAAAAA", **unit)
    assert {**theirs.json(), "correlation_id": ""} == {**nobodys.json(), "correlation_id": ""}


async def test_today_is_decided_where_the_brand_lives(desk) -> None:
    issued = await desk.certificate()
    desk.room.clock.set(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))  # half past midnight in Paris
    assert (await desk.register(issued.certificate_number, purchased_on="2026-11-23")).status_code == 201
    refused(
        await desk.register(issued.certificate_number, purchased_on="2026-11-24"),
        422,
        "purchase-in-future",
        "/purchased_on",
    )


async def test_refusals_are_read_in_french_and_dutch(desk) -> None:
    issued = await desk.certificate()
    body = {
        "brand": "dynabook",
        "certificate": issued.certificate_number,
        "serial": "9H012345SX",
        "model": "PT5B1E-0K601",
        "purchased_on": "2026-11-20",
        "customer": JAN,
    }
    french = await desk.room.post("/registrations", body, language="fr")
    dutch = await desk.room.post("/registrations", body, language="nl")
    assert "« S » en position 9" in french.json()["detail"]
    assert "“S” op positie 9" in dutch.json()["detail"]

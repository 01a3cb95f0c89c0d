"""A registration is taken back: its unit can be redeemed again, and the product registered anew (REG-09)."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from event_schemas.registration import CancellationReason, CertificateRedeemed, ProductRegistered, RegistrationCancelled

from .conftest import CAMILLE, JAN, refused
from .dealers import dealer, end_customer, same_but_for_ids
from .test_registering import typed

pytestmark = pytest.mark.requirement("REG-09")


def cancellation(view: dict[str, str]) -> str:
    return f"/registrations/{view['redemption_id']}/cancellation"


async def test_a_cancelled_registration_gives_its_unit_back_and_the_ledger_says_who_when_and_why(desk) -> None:
    shop, issued, serial = dealer(desk.room), await desk.certificate(quantity=1), desk.serial()
    view = (await shop.post("/registrations", typed(issued.certificate_number, serial))).json()
    refused(await desk.register(issued.certificate_number), 409, "certificate-exhausted", "/certificate")
    await desk.said()
    desk.room.clock.advance(timedelta(hours=1))
    answer = await shop.post(cancellation(view), {"reason": "Wrong laptop"})
    assert (answer.status_code, answer.json()["units_left"]) == (200, 1)
    assert await desk.said() == [
        RegistrationCancelled(
            brand="dynabook",
            product_id=UUID(view["product_id"]),
            redemption_id=UUID(view["redemption_id"]),
            certificate_id=issued.certificate_id,
            service_reference="PPCP013FR-VGAD",
            serial=serial,
            customer_id=UUID(view["customer_id"]),
            reason=CancellationReason.CUSTOMER_REQUEST,
        )
    ]
    lines = (await desk.ledger(issued.certificate_id))["entries"]
    assert [(one["serial"], one["change"], one["at"], one["by"], one["reason"]) for one in lines] == [
        (serial, -1, "2026-11-22T09:00:00Z", shop.subject, "redeemed"),
        (serial, 1, "2026-11-22T10:00:00Z", shop.subject, "customer_request"),
    ]
    read = (await shop.get(f"/registrations/{view['redemption_id']}")).json()
    assert (read["state"], read["cancelled_at"], read["cancellation_reason"]) == (
        *("cancelled", "2026-11-22T10:00:00Z"),
        "customer_request",
    )
    assert (await desk.register(issued.certificate_number)).status_code == 201


async def test_it_is_taken_back_once_even_when_twenty_try_at_once(desk) -> None:
    issued = await desk.certificate()
    view = (await desk.register(issued.certificate_number)).json()
    await desk.said()
    answers = await asyncio.gather(*(desk.room.post(cancellation(view), {}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert loser.json()["code"] == "registration-cancelled"
    assert "2026-11-22 09:00:00" in loser.json()["detail"]
    assert len(await desk.said()) == 1
    assert (await desk.ledger(issued.certificate_id))["units_left"] == 3


async def test_only_who_sees_a_registration_can_take_it_back_and_for_others_it_does_not_exist(desk) -> None:
    shop, stranger, issued = dealer(desk.room), dealer(desk.room), await desk.certificate()
    view = (await shop.post("/registrations", typed(issued.certificate_number, desk.serial()))).json()
    before = await desk.rows()
    unknown = await stranger.post(f"/registrations/{uuid4()}/cancellation", {})
    hidden = await stranger.post(cancellation(view), {})
    other_person = await end_customer(desk.room, str(uuid4())).post(cancellation(view), {})
    assert unknown.status_code == 404
    assert same_but_for_ids(unknown, hidden, other_person)
    assert await desk.rows() == before
    own = await end_customer(desk.room, view["customer_id"]).post(cancellation(view), {})
    assert own.status_code == 200


async def test_a_product_without_any_service_left_is_registered_anew_with_another_day_or_customer(desk) -> None:
    issued, serial = await desk.certificate(), desk.serial()
    first = (await desk.register(issued.certificate_number, serial=serial)).json()
    await desk.room.post(cancellation(first), {})
    assert (await desk.room.get(f"/products/{first['product_id']}")).status_code == 404
    corrected = await desk.register(issued.certificate_number, serial=serial, purchased_on="2026-10-01")
    assert (corrected.status_code, corrected.json()["warranty_ends_on"]) == (201, "2027-09-30")
    await desk.room.post(cancellation(corrected.json()), {})
    await desk.said()
    owner = await desk.register(issued.certificate_number, serial=serial, customer=CAMILLE)
    assert (owner.status_code, owner.json()["product_id"]) == (201, first["product_id"])
    assert [type(fact) for fact in await desk.said()][-2:] == [ProductRegistered, CertificateRedeemed]


async def test_a_product_with_another_service_left_stays_its_customers(desk) -> None:
    pack, extension = await desk.certificate(), await desk.certificate(service_reference="EXT2FR-X40")
    unit = {"serial": desk.serial(), "model": "X40-K-11E"}
    first = (await desk.register(pack.certificate_number, **unit)).json()
    await desk.register(extension.certificate_number, **unit)
    await desk.room.post(cancellation(first), {})
    other = await desk.register(pack.certificate_number, **unit, customer=CAMILLE)
    assert (other.status_code, other.json()["state"]) == (202, "open")
    own = await desk.register(pack.certificate_number, **unit, customer=JAN)
    assert own.status_code == 201


async def test_a_reason_is_text_of_at_most_500_characters(desk) -> None:
    issued = await desk.certificate()
    view = (await desk.register(issued.certificate_number)).json()
    for reason in ("", "x" * 501, "a\x00b", 7):
        answer = await desk.room.post(cancellation(view), {"reason": reason})
        refused(answer, 422, "fields-not-acceptable", "/reason")

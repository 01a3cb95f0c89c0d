"""Orders become certificates; their numbers reach their buyers and nobody else."""

import asyncio
import re

import asyncpg
import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration import OrderConfirmed
from event_schemas.registration_mail import CertificateIssued

from .conftest import CAMILLE, refused

MARIE = {"name": "Marie Petit", "email": "marie.petit@example.com", "language": "fr"}


@pytest.mark.requirement("REG-08")
async def test_a_confirmed_order_of_three_gives_one_certificate_of_three_units_and_a_mail_with_all_of_it(desk) -> None:
    answer = await desk.order(case_number="FR-2026-004711", buyer=MARIE)
    assert answer.status_code == 201
    order = answer.json()
    contact, confirmed, issued = await desk.said()
    assert contact == ContactChanged(**MARIE, brand="dynabook", contact_id=order["buyer_id"])
    shared = {**order, "brand": "dynabook", "case_number": "FR-2026-004711", "service_reference": "PPCP013FR-VGAD"}
    assert shared["service_name"] == "Pack Pro Connect 3 ans"
    assert confirmed == OrderConfirmed.model_validate(shared)
    assert isinstance(issued, CertificateIssued)
    number = issued.certificate_number
    link = f"http://127.0.0.1:8101/registration-form?certificate={number}"
    assert issued == CertificateIssued(**shared, certificate_number=number, registration_url=link)
    assert re.fullmatch("FC[34679ACDEFGHJKMNPQRTUVWXY]{10}", number)
    ledger = await desk.ledger(order["certificate_id"])
    assert (ledger["quantity"], ledger["units_left"], ledger["entries"]) == (3, 3, [])


async def test_the_service_has_its_name_in_the_buyers_language(desk) -> None:
    issued = await desk.certificate(buyer={**CAMILLE, "language": "nl", "email": "kim@example.com"})
    assert issued.service_name == "Pack Pro Connect 3 jaar"


async def test_a_case_number_is_one_order_even_when_twenty_confirm_it_at_once(desk) -> None:
    answers = await asyncio.gather(*(desk.order(case_number="FR-RACE") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert refused(loser, 409, "order-exists", "/case_number")["value"] == "FR-RACE"
    assert [type(fact) for fact in await desk.said()].count(CertificateIssued) == 1
    other_brand = await desk.order(case_number="FR-RACE", brand="carri", service_reference="CARRI-SITE-36")
    assert other_brand.status_code == 201


async def test_an_unknown_reference_is_refused_with_the_references_of_the_brand(desk) -> None:
    before = await desk.rows()
    error = refused(await desk.order(service_reference="PPCP"), 422, "offer-unknown", "/service_reference")
    assert error["value"] == "PPCP"
    assert error["accepted"] == ["EXT2FR-X40", "PPCP013FR-VGAD"]
    assert await desk.rows() == before


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 1_000_000, "3", True, 2.5, None])
async def test_a_quantity_that_is_no_number_from_1_to_100000_is_refused(desk, quantity) -> None:
    before = await desk.rows()
    refused(await desk.order(quantity=quantity), 422, "fields-not-acceptable", "/quantity")
    assert await desk.rows() == before


async def test_the_largest_quantity_is_accepted(desk) -> None:
    assert (await desk.order(quantity=100_000)).status_code == 201


@pytest.mark.requirement("REG-10")
async def test_the_link_gives_everything_that_pre_fills_the_form_in_the_readers_language(desk) -> None:
    issued = await desk.certificate()
    path = issued.registration_url.removeprefix("http://127.0.0.1:8101")
    answer = await desk.room.client.get(path, headers={"Accept-Language": "nl-BE"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    form = answer.json()
    assert "nooit de letter S" in form.pop("serial_hint")
    assert form == {
        "brand": "dynabook",
        "certificate": issued.certificate_number,
        "service_reference": "PPCP013FR-VGAD",
        "service_name": "Pack Pro Connect 3 jaar",
        "quantity": 3,
        "units_left": 3,
        "case_number": issued.case_number,
        "models": ["PT*", "X*", "A*"],
        "usable_until": None,
        "contact_address": "registration_fr@dynabook.com",
    }
    typed = await desk.room.client.get(f"/registration-form?certificate=%20{issued.certificate_number.lower()}%20")
    assert typed.status_code == 200


@pytest.mark.requirement("REG-10")
async def test_malformed_unknown_missing_and_used_up_certificates_get_one_and_the_same_answer(desk) -> None:
    used_up = await desk.certificate(quantity=1)
    assert (await desk.register(used_up.certificate_number)).status_code == 201
    typed = ["?certificate=FCAAAAAAAAAA", "", "?certificate=", "?certificate=%00", "?certificate=" + "A" * 5000]
    typed += ["?certificate=FC-12", f"?certificate={used_up.certificate_number}", "?certificate=A&certificate=B"]
    answers = [await desk.room.client.get(f"/registration-form{query}") for query in typed]
    bodies = [{**answer.json(), "correlation_id": ""} for answer in answers]
    own = {"x-request-id", "traceparent"}
    heads = [{name: value for name, value in answer.headers.items() if name not in own} for answer in answers]
    assert {answer.status_code for answer in answers} == {404}
    assert bodies == [bodies[0]] * len(typed)
    assert heads == [heads[0]] * len(typed)
    assert bodies[0]["code"] == "not-found"


@pytest.mark.requirement("REG-08")
async def test_a_certificate_number_reaches_the_mail_topic_and_no_answer_no_log_and_no_other_topic(desk, capfd) -> None:
    ordered = await desk.order(quantity=1)
    number = await desk.room.database.pool.fetchval(
        "SELECT number FROM certificates WHERE certificate_id = $1::uuid", ordered.json()["certificate_id"]
    )
    answers = [
        ordered,
        await desk.register(number, serial="S"),
        await desk.register(number, brand="carri", serial="C1234567", model="CRT-1"),
        await desk.register(number),
        await desk.register(number),
        await desk.room.get(f"/certificates/{ordered.json()['certificate_id']}/ledger"),
    ]
    assert [answer.status_code for answer in answers] == [201, 422, 422, 201, 409, 200]
    assert [answer.text for answer in answers if number in answer.text] == []
    rows = await desk.room.database.pool.fetch(
        "SELECT topic FROM outbox WHERE position($1 in convert_from(payload, 'UTF8') || headers::text) > 0", number
    )
    assert [row["topic"] for row in rows] == ["registration-mail"]
    assert number not in "".join(capfd.readouterr())


async def test_a_second_certificate_cannot_have_a_number_that_is_taken(desk) -> None:
    first, second = await desk.certificate(), await desk.certificate()
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.room.database.pool.execute(
            "UPDATE certificates SET number = $1 WHERE certificate_id = $2",
            first.certificate_number,
            second.certificate_id,
        )


@pytest.mark.requirement("REG-09")
async def test_the_ledger_tells_who_took_which_unit_when_page_by_page(desk) -> None:
    issued = await desk.certificate()
    taken = [(await desk.register(issued.certificate_number)).json() for _ in range(3)]
    first = await desk.ledger(issued.certificate_id, "?limit=2")
    rest = await desk.ledger(issued.certificate_id, f"?limit=2&cursor={first['next_cursor']}")
    assert rest["next_cursor"] is None
    assert first["entries"] + rest["entries"] == [
        {
            **{name: one[name] for name in ("redemption_id", "customer_id", "serial")},
            "change": -1,
            "at": entry["at"],
            "by": "test",
            "reason": "redeemed",
        }
        for one, entry in zip(taken, first["entries"] + rest["entries"], strict=True)
    ]
    assert {entry["at"] for entry in first["entries"]} == {"2026-11-22T09:00:00Z"}


@pytest.mark.requirement("REG-09")
@pytest.mark.parametrize("deed", ["UPDATE entries SET change = 1", "DELETE FROM entries", "TRUNCATE entries"])
async def test_nobody_can_change_an_entry_of_the_ledger(desk, deed) -> None:
    issued = await desk.certificate()
    await desk.register(issued.certificate_number)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await desk.room.database.pool.execute(deed)


async def test_a_ledger_that_does_not_exist_is_not_found_and_needs_its_scope(desk) -> None:
    path = "/certificates/0199a3c4-7b10-7002-8a5e-4d1f6c2b0002/ledger"
    assert (await desk.room.get(path)).status_code == 404
    assert (await desk.room.get(path, scopes=["orders:write"])).status_code == 403

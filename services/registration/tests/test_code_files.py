"""Certificate numbers go to the supplier's buyer as a file, by mail alone (REG-11)."""

import pytest

from event_schemas.contacts import ContactChanged
from event_schemas.registration_mail import CodesSent

from .conftest import refused

pytestmark = pytest.mark.requirement("REG-11")
INES = {"name": "Inès Faure", "email": "ines.faure@grossiste.example", "language": "fr"}


def file_of(*case_numbers: str, **changes: object) -> dict[str, object]:
    return {"brand": "dynabook", "case_numbers": list(case_numbers), "recipient": INES, **changes}


async def test_the_numbers_of_several_orders_travel_to_the_mailer_in_the_order_asked_for(desk) -> None:
    one, two = await desk.certificate(quantity=3), await desk.certificate(service_reference="EXT2FR-X40", quantity=1)
    await desk.register(one.certificate_number)
    await desk.said()
    answer = await desk.room.post("/code-files", file_of(two.case_number, one.case_number, two.case_number))
    assert (answer.status_code, answer.json()["certificates"]) == (201, 2)
    contact, sent = await desk.said()
    assert isinstance(contact, ContactChanged)
    assert isinstance(sent, CodesSent)
    assert (str(sent.code_file_id), sent.recipient_id) == (answer.json()["code_file_id"], contact.contact_id)
    assert [code.model_dump() for code in sent.codes] == [
        {
            "case_number": two.case_number,
            "service_reference": "EXT2FR-X40",
            "service_name": "Extension de garantie 2 ans Portégé X40",
            "certificate_number": two.certificate_number,
            "quantity": 1,
            "units_left": 1,
        },
        {
            "case_number": one.case_number,
            "service_reference": "PPCP013FR-VGAD",
            "service_name": "Pack Pro Connect 3 ans",
            "certificate_number": one.certificate_number,
            "quantity": 3,
            "units_left": 2,
        },
    ]


async def test_the_numbers_are_in_no_answer_no_table_of_its_own_and_on_no_other_topic(desk) -> None:
    issued = await desk.certificate()
    answer = await desk.room.post("/code-files", file_of(issued.case_number))
    assert issued.certificate_number not in answer.text
    rows = await desk.room.database.pool.fetch(
        "SELECT topic FROM outbox WHERE position($1 in convert_from(payload, 'UTF8') || headers::text) > 0",
        issued.certificate_number,
    )
    assert [row["topic"] for row in rows] == ["registration-mail"]
    kept = await desk.room.database.pool.fetchval(
        "SELECT code_files::text FROM code_files WHERE code_file_id = $1::uuid", answer.json()["code_file_id"]
    )
    assert issued.case_number in kept
    assert issued.certificate_number not in kept


async def test_unknown_case_numbers_are_named_and_nothing_is_sent(desk) -> None:
    issued = await desk.certificate()
    theirs = await desk.certificate(brand="carri", service_reference="CARRI-SITE-36")
    before = await desk.rows()
    answer = await desk.room.post("/code-files", file_of(issued.case_number, "FR-0", theirs.case_number))
    error = refused(answer, 422, "case-numbers-unknown", "/case_numbers/1")
    assert error["value"] == "FR-0"
    assert f"FR-0, {theirs.case_number}" in error["detail"]
    assert await desk.rows() == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"case_numbers": []}, "/case_numbers"),
        ({"case_numbers": [str(number) for number in range(1001)]}, "/case_numbers"),
        ({"recipient": {**INES, "email": "x"}}, "/recipient/email"),
        ({"brand": "toshiba"}, "/brand"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_stays(desk, change, pointer) -> None:
    before = await desk.rows()
    answer = await desk.room.post("/code-files", file_of("FR-1") | change)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await desk.rows() == before


async def test_a_thousand_orders_fit_into_one_file(desk) -> None:
    cases = [f"BULK-{number:04}" for number in range(1000)]
    await desk.room.database.pool.execute(
        """
        WITH made AS (
          INSERT INTO contacts (contact_id, brand, name, email, language, changed_at)
          VALUES (gen_random_uuid(), 'dynabook', 'Bulk', 'bulk@example.com', 'fr', now()) RETURNING contact_id
        ), ordered AS (
          INSERT INTO orders (order_id, brand, case_number, service_reference, quantity, buyer_id, confirmed_at, owner)
          SELECT gen_random_uuid(), 'dynabook', c, 'PPCP013FR-VGAD', 5, contact_id, now(), 'x'
          FROM made, unnest($1::text[]) AS c RETURNING *
        )
        INSERT INTO certificates (certificate_id, order_id, brand, number, service_reference, quantity, units_left,
          issued_at)
        SELECT gen_random_uuid(), order_id, brand, 'FC' || case_number, service_reference, 5, 5, now() FROM ordered
        """,
        cases,
    )
    answer = await desk.room.post("/code-files", file_of(*cases))
    assert (answer.status_code, answer.json()["certificates"]) == (201, 1000)
    sent = (await desk.said())[-1]
    assert isinstance(sent, CodesSent)
    assert [code.case_number for code in sent.codes] == cases


async def test_only_a_token_with_the_scope_gets_numbers_sent(desk) -> None:
    issued = await desk.certificate()
    for scopes in (["orders:write"], ["certificates:read", "registrations:write"]):
        assert (await desk.room.post("/code-files", file_of(issued.case_number), scopes=scopes)).status_code == 403

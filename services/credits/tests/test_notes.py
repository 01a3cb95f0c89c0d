"""Look-ups of credits by GRMS number, serial and invoice number.

Of CRD-04 these are proven; kind, model, IMEI, the own reference and the beneficiary are not known to credits yet.
"""

from datetime import timedelta

import pytest


@pytest.mark.requirement("CRD-04")
async def test_a_credit_is_found_by_grms_number_serial_and_invoice_number(room, accepted, invoice, serial):
    body, event = invoice(), accepted()
    await room.post("/invoices", body)
    await room.hear(event)
    issued = (await room.said())[-1]
    answers = [
        await room.get(f"/credits?{query}", scopes=["credits:read"])
        for query in (
            f"grms_number={event.grms_number}",
            f"serial={serial}",
            f"serial={serial.lower()}&brand=dynabook",
            f"invoice_number={body['invoice_number']}&brand=dynabook",
        )
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.json() == {
            "items": [
                {
                    "credit_id": str(issued.credit_id),
                    "ticket_id": str(event.ticket_id),
                    "brand": "dynabook",
                    "grms_number": event.grms_number,
                    "serial": serial,
                    "state": "issued",
                    "reason": None,
                    "requested_at": "2026-11-22T09:00:00Z",
                    "accepted_on": "2026-11-20",
                    "issued_at": "2026-11-22T09:00:00Z",
                    "invoice_number": body["invoice_number"],
                    "invoiced_on": "2026-01-15",
                    "base": {"amount": "450.00", "currency": "EUR"},
                    "age_months": 10,
                    "depreciation_percent": 43,
                    "amount": {"amount": "256.50", "currency": "EUR"},
                }
            ],
            "next_cursor": None,
        }


@pytest.mark.requirement("CRD-01", "CRD-04")
async def test_a_waiting_and_a_refused_credit_are_shown_without_arithmetic(room, accepted, serial):
    await room.hear(accepted())
    room.clock.advance(timedelta(minutes=1))
    await room.hear(accepted())
    items = (await room.get(f"/credits?serial={serial}")).json()["items"]
    assert [(item["state"], item["reason"], item["amount"]) for item in items] == [
        ("refused", "already_credited", None),
        ("requested", None, None),
    ]


@pytest.mark.requirement("CRD-04")
async def test_pages_follow_each_other_newest_first_without_gap_or_repetition(room, accepted, serial):
    for number in range(7):
        await room.hear(accepted())
        if number % 2:  # pairs share one moment, so that the id has to tell them apart
            room.clock.advance(timedelta(seconds=1))
    seen, cursor = [], ""
    while cursor is not None:
        page = (await room.get(f"/credits?serial={serial}&limit=2{cursor}")).json()
        seen += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    places = [(item["requested_at"], item["credit_id"]) for item in seen]
    assert len(places) == 7
    assert places == sorted(set(places), reverse=True)


@pytest.mark.parametrize("query", ["grms_number=GRMS-NONE", "serial=NONE", "invoice_number=NONE"])
async def test_what_is_not_there_is_an_empty_list(room, query):
    assert (await room.get(f"/credits?{query}")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("brand=nobody", "brand-unknown", "/brand"),
        ("cursor=nonsense", "cursor-malformed", "/cursor"),
        ("limit=201", "fields-not-acceptable", "/query/limit"),
        ("serial=%00", "fields-not-acceptable", "/query/serial"),
    ],
)
async def test_a_wrong_question_is_answered_with_the_field_at_fault(room, query, code, pointer):
    answer = await room.get(f"/credits?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_token_without_the_scope_sees_nothing(room):
    answer = await room.get("/credits", scopes=["invoices:write"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")

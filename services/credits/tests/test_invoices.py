"""Invoices over HTTP: what is accepted, and what is refused without a trace."""

import asyncio
from datetime import UTC, datetime

import pytest

from event_schemas.credits import InvoiceRecorded


async def traces(room, serial):
    """Rows that name a unit, and facts that wait to be said."""
    return await room.database.pool.fetchval(
        "SELECT (SELECT count(*) FROM invoices WHERE serial = $1) + (SELECT count(*) FROM entries WHERE serial = $1)"
        " + (SELECT count(*) FROM units WHERE serial = $1) + (SELECT count(*) FROM outbox)",
        serial,
    )


@pytest.mark.requirement("CRD-01")
async def test_an_invoice_is_recorded_and_said(room, invoice):
    body = invoice()
    answer = await room.post("/invoices", body, scopes=["invoices:write"])
    assert answer.status_code == 201
    (fact,) = await room.said()
    assert fact == InvoiceRecorded.model_validate(body | answer.json())


async def test_small_letters_and_blanks_around_a_serial_do_not_make_another_unit(room, invoice, serial):
    await room.post("/invoices", invoice(serial=f" {serial.lower()} "))
    (fact,) = await room.said()
    assert fact.serial == serial


async def test_the_same_command_again_gives_the_same_answer_and_says_nothing_more(room, invoice):
    body = invoice()
    first = await room.post("/invoices", body, key="invoice-once")
    await room.said()
    again = await room.post("/invoices", body, key="invoice-once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await room.said() == []


async def test_of_many_invoices_with_one_number_at_once_one_is_recorded(room, invoice):
    body = invoice()
    answers = await asyncio.gather(*(room.post("/invoices", body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await room.said()) == 1


async def test_two_brands_may_have_an_invoice_of_the_same_number(room, invoice):
    body = invoice()
    assert (await room.post("/invoices", body)).status_code == 201
    assert (await room.post("/invoices", body | {"brand": "carri"})).status_code == 201


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "The invoice is known"), ("fr", "La facture est déjà connue"), ("nl", "De factuur is al bekend")],
)
async def test_a_known_number_is_refused_in_the_readers_language(room, invoice, language, title):
    body = invoice()
    await room.post("/invoices", body)
    await room.said()
    entries = await traces(room, body["serial"])
    answer = await room.post("/invoices", body, language=language)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["code"], said["title"]) == ("invoice-exists", title)
    assert [(error["pointer"], error["value"]) for error in said["errors"]] == [
        ("/invoice_number", body["invoice_number"])
    ]
    assert await traces(room, body["serial"]) == entries


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "value"),
    [
        ({"brand": "nobody"}, "brand-unknown", "/brand", "nobody"),
        ({"invoiced_on": "2026-11-23"}, "invoice-of-the-future", "/invoiced_on", "2026-11-23"),
        ({"price": {"amount": "1.00", "currency": "USD"}}, "currency-not-accepted", "/price/currency", "USD"),
        ({"price": {"amount": "1.00", "currency": "euro"}}, "fields-not-acceptable", "/price/currency", "euro"),
        ({"price": {"amount": "0.00"}}, "fields-not-acceptable", "/price/amount", "0.00"),
        ({"price": {"amount": "-1.00"}}, "fields-not-acceptable", "/price/amount", "-1.00"),
        ({"price": {"amount": "1.005"}}, "fields-not-acceptable", "/price/amount", "1.005"),
        ({"price": {"amount": "NaN"}}, "fields-not-acceptable", "/price/amount", "NaN"),
        ({"price": {"amount": "12345678901.00"}}, "fields-not-acceptable", "/price/amount", "12345678901.00"),
        ({"price": {"amount": 450.1}}, "fields-not-acceptable", "/price/amount", 450.1),
        ({"invoiced_on": "2026-02-30"}, "fields-not-acceptable", "/invoiced_on", "2026-02-30"),
        ({"invoiced_on": 20260101}, "fields-not-acceptable", "/invoiced_on", 20260101),
        ({"serial": ""}, "fields-not-acceptable", "/serial", ""),
        ({"serial": "9H 123"}, "fields-not-acceptable", "/serial", "9H 123"),
        ({"invoice_number": "a\u0000b"}, "fields-not-acceptable", "/invoice_number", "a\u0000b"),
        ({"discount": 3}, "fields-not-acceptable", "/discount", 3),
    ],
)
async def test_a_bad_invoice_is_refused_with_field_and_value_and_leaves_no_trace(
    room, invoice, serial, changes, code, pointer, value
):
    answer = await room.post("/invoices", invoice(**changes))
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert [(error["pointer"], error["value"]) for error in answer.json()["errors"]] == [(pointer, value)]
    assert await traces(room, serial) == 0


async def test_today_is_the_brands_day_not_greenwichs(room, invoice):
    room.clock.set(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert (await room.post("/invoices", invoice(invoiced_on="2026-11-23"))).status_code == 201
    answer = await room.post("/invoices", invoice(brand="ibm", invoiced_on="2026-11-23"))
    assert answer.json()["code"] == "invoice-of-the-future"
    assert answer.json()["errors"][0]["accepted"] == "<= 2026-11-22"


async def test_a_token_without_the_scope_records_nothing(room, invoice, serial):
    answer = await room.post("/invoices", invoice(), scopes=["credits:read"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    assert await traces(room, serial) == 0

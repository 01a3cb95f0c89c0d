"""Accepted returns and invoices in any order give a unit one credit."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from event_schemas.credits import CreditIssued, CreditRefused, CreditRequested, InvoiceRecorded


def kinds(facts):
    return [type(fact) for fact in facts]


async def balance(room, serial):
    """What was invoiced for a unit less what it was credited."""
    return await room.database.pool.fetchval("SELECT sum(amount) FROM entries WHERE serial = $1", serial)


@pytest.mark.requirement("CRD-01", "CRD-02")
async def test_an_accepted_return_of_an_invoiced_unit_is_credited_at_once(room, accepted, invoice):
    body, event = invoice(), accepted()
    assert (await room.post("/invoices", body)).status_code == 201
    await room.said()
    await room.hear(event)
    requested, issued = await room.said()
    assert issued == CreditIssued(
        brand="dynabook",
        credit_id=requested.credit_id,
        ticket_id=event.ticket_id,
        serial=event.serial,
        customer_id=event.customer_id,
        grms_number=event.grms_number,
        invoice_number=body["invoice_number"],
        base={"amount": "450.00", "currency": "EUR"},
        age_months=10,
        depreciation_percent=43,
        amount={"amount": "256.50", "currency": "EUR"},
    )
    shared = issued.model_dump(include=set(CreditRequested.model_fields))
    assert requested == CreditRequested.model_validate(shared)


@pytest.mark.requirement("CRD-01")
async def test_a_credit_without_invoice_waits_and_is_issued_with_the_invoice(room, accepted, invoice):
    await room.hear(accepted())
    (requested,) = await room.said()
    assert isinstance(requested, CreditRequested)
    room.clock.advance(timedelta(days=400))  # the age counts to the acceptance, however long the invoice takes
    assert (await room.post("/invoices", invoice())).status_code == 201
    recorded, issued = await room.said()
    assert isinstance(recorded, InvoiceRecorded)
    assert (issued.credit_id, issued.age_months, str(issued.amount.amount)) == (requested.credit_id, 10, "256.50")


@pytest.mark.requirement("CRD-01")
async def test_an_invoice_dated_after_the_acceptance_is_no_base_and_the_credit_waits_on(room, accepted, invoice):
    await room.hear(accepted(accepted_on="2026-11-20"))
    await room.post("/invoices", invoice(invoiced_on="2026-11-21"))
    assert kinds(await room.said()) == [CreditRequested, InvoiceRecorded]
    await room.post("/invoices", invoice(invoiced_on="2026-11-20"))
    _, issued = await room.said()
    assert (issued.age_months, str(issued.amount.amount)) == (0, "450.00")


@pytest.mark.requirement("CRD-01")
async def test_an_issued_credit_is_not_changed_by_a_later_invoice(room, accepted, invoice, serial):
    await room.post("/invoices", invoice())
    await room.hear(accepted())
    await room.said()
    before = (await room.get(f"/credits?serial={serial}")).json()
    await room.post("/invoices", invoice(invoiced_on="2026-11-01", price={"amount": "900.00"}))
    assert kinds(await room.said()) == [InvoiceRecorded]
    assert (await room.get(f"/credits?serial={serial}")).json() == before


@pytest.mark.requirement("CRD-07")
async def test_a_second_accepted_return_of_a_credited_unit_is_refused(room, accepted, invoice, serial):
    await room.post("/invoices", invoice())
    await room.hear(accepted())
    await room.said()
    await room.hear(accepted())
    (fact,) = await room.said()
    assert isinstance(fact, CreditRefused)
    assert fact.reason == "already_credited"
    assert await balance(room, serial) == Decimal("193.50")


@pytest.mark.requirement("CRD-07")
async def test_a_second_accepted_return_is_refused_while_the_first_waits_for_its_invoice(
    room, accepted, invoice, serial
):
    await room.hear(accepted())
    await room.hear(accepted())
    await room.post("/invoices", invoice())
    await room.post("/invoices", invoice())
    said = kinds(await room.said())
    assert said == [CreditRequested, CreditRefused, InvoiceRecorded, CreditIssued, InvoiceRecorded]


@pytest.mark.requirement("CRD-07")
async def test_a_return_delivered_again_or_said_by_another_event_has_one_outcome(room, accepted, invoice, serial):
    await room.post("/invoices", invoice())
    event = accepted()
    heard = await room.hear(event)
    await room.said()
    await room.hear(event, heard)
    await room.hear(event)
    assert await room.said() == []
    assert await balance(room, serial) == Decimal("193.50")


@pytest.mark.requirement("CRD-07")
async def test_a_refused_return_said_again_is_not_refused_again(room, accepted):
    await room.hear(accepted())
    again = accepted()
    await room.hear(again)
    await room.said()
    await room.hear(again)
    assert await room.said() == []


@pytest.mark.requirement("CRD-07")
async def test_many_returns_and_invoices_of_a_unit_at_once_make_one_credit_not_above_an_invoice(
    room, accepted, invoice, serial
):
    deeds = [room.hear(accepted()) for _ in range(8)] + [room.post("/invoices", invoice()) for _ in range(8)]
    await asyncio.gather(*deeds)
    said = kinds(await room.said())
    counts = {kind: said.count(kind) for kind in (InvoiceRecorded, CreditRequested, CreditIssued, CreditRefused)}
    assert counts == {InvoiceRecorded: 8, CreditRequested: 1, CreditIssued: 1, CreditRefused: 7}
    assert await balance(room, serial) == 8 * Decimal("450.00") - Decimal("256.50")


@pytest.mark.requirement("CRD-01", "CRD-07")
async def test_a_return_and_an_invoice_of_a_known_unit_that_meet_never_miss_each_other(room, accepted, invoice, serial):
    for number in range(12):
        unit = f"{serial}{number}"
        await room.post("/invoices", invoice(serial=unit, invoiced_on="2026-11-22"))  # known, but too young to count
        await room.said()
        deeds = [room.hear(accepted(serial=unit)) for _ in range(3)] + [room.post("/invoices", invoice(serial=unit))]
        await asyncio.gather(*deeds)
        said = kinds(await room.said())
        counts = [said.count(kind) for kind in (CreditRequested, CreditIssued, CreditRefused)]
        assert counts == [1, 1, 2], f"unit {number} said {said}"


@pytest.mark.requirement("CRD-07")
async def test_units_of_two_brands_with_one_serial_are_two_units(room, accepted, invoice):
    for brand in ("dynabook", "carri"):
        await room.post("/invoices", invoice(brand=brand))
        await room.hear(accepted(brand=brand))
    assert kinds(await room.said()) == [InvoiceRecorded, CreditRequested, CreditIssued] * 2


@pytest.mark.requirement("CRD-07")
async def test_the_ledger_balances_what_is_issued_is_booked_once_for_the_same_amount(room, accepted, invoice):
    await room.post("/invoices", invoice())
    await room.hear(accepted())
    apart = await room.database.pool.fetchval(
        "SELECT count(*) FROM (SELECT credit_id, amount FROM credits WHERE state = 'issued') c "
        "FULL JOIN (SELECT credit_id, -amount AS amount FROM entries WHERE kind = 'credited') e "
        "USING (credit_id, amount) WHERE c IS NULL OR e IS NULL"
    )
    assert apart == 0
    assert await room.database.pool.fetchval("SELECT count(*) FROM entries WHERE kind = 'credited'") > 0


@pytest.mark.requirement("CRD-07")
@pytest.mark.parametrize("deed", ["UPDATE entries SET amount = 1", "DELETE FROM entries", "TRUNCATE entries"])
async def test_an_entry_can_neither_be_changed_nor_removed(room, invoice, deed):
    await room.post("/invoices", invoice())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await room.database.pool.execute(deed)


@pytest.mark.requirement("CRD-07")
async def test_the_database_itself_refuses_more_than_the_base_and_a_second_credit(room, accepted, invoice, serial):
    await room.post("/invoices", invoice())
    await room.hear(accepted())
    await room.hear(accepted())
    raised = "UPDATE credits SET amount = base + 0.01 WHERE serial = $1 AND state = 'issued'"
    with pytest.raises(asyncpg.CheckViolationError):
        await room.database.pool.execute(raised, serial)
    second = "UPDATE credits SET state = 'requested', reason = NULL WHERE serial = $1 AND state = 'refused'"
    with pytest.raises(asyncpg.UniqueViolationError):
        await room.database.pool.execute(second, serial)

"""What was uploaded and never named by a command is forgotten after a week; what is needed stays (REG-16, REG-19)."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.samples import PDF, upload
from tests.support.waiting import until

from chassis.sweeps import UNUSED_FOR, forget_unused
from registration_service.documents.handlers import forget_unused_documents
from registration_service.documents.store import USED

from .casework import customer, open_case
from .conftest import Desk

NAMING = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND udt_name = '_uuid'
UNION SELECT c.relname, a.attname FROM pg_constraint f
JOIN pg_class c ON c.oid = f.conrelid JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
WHERE f.contype = 'f' AND f.confrelid = 'document'::regclass AND c.relname <> 'document_part'
"""
"""Every column that holds ids in a list, or refers to documents."""
JAN = {"name": "Jan Peeters", "language": "nl"}


async def kept(desk: Desk, **claims: str) -> str:
    answer = await upload(desk.room, PDF, **claims)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document_id"])


async def there(desk: Desk, *documents: str) -> list[bool]:
    rows = await desk.room.database.pool.fetch("SELECT document_id FROM document")
    return [UUID(one) in {row["document_id"] for row in rows} for one in documents]


@pytest.mark.requirement("REG-16", "REG-19")
async def test_what_nothing_names_goes_after_a_week_and_what_anything_names_stays(desk: Desk) -> None:
    room, case = desk.room, await open_case(desk)
    proof, claimed, shown, invoice, card, lost = [await kept(desk) for _ in range(6)]
    issued = await desk.certificate()
    body = {"proof_of_purchase": [proof], "customer": {**JAN, "email": f"{uuid4()}@example.com"}}
    assert (await desk.register(issued.certificate_number, **body)).status_code == 201
    rival = {**case.body, "certificate": issued.certificate_number, **body, "proof_of_purchase": [claimed]}
    contest = await room.post("/registrations", rival)
    assert contest.status_code == 202, contest.text
    says = {"statement": "Look.", "documents": [shown], "party": "claimant"}
    path = f"/contests/{contest.json()['contest_id']}/evidence"
    assert (await room.post(path, says)).status_code == 201
    file = (await upload(room, b"serial;certificate\r\n", "a.csv")).json()["document_id"]
    dossier = {"brand": "dynabook", "file": file, "purchase_invoices": [invoice], "service_invoices": [invoice]}
    sent = await room.post("/dossiers", {**dossier, "submitter": {**JAN, "email": "desk@example.com"}})
    assert sent.status_code == 202, sent.text
    news = {"brand": "dynabook", "kind": "news", "title": {"en": "A", "fr": "A", "nl": "A"}}
    news |= {"body": news["title"], "valid_from": "2026-11-22T09:00:00Z", "valid_until": "2026-12-22T09:00:00Z"}
    told = await room.post("/announcements", {**news, "attachment": card})
    assert told.status_code == 201, told.text
    room.clock.advance(UNUSED_FOR)
    await forget_unused(room.database, USED, asyncio.Event())
    assert await there(desk, lost) == [True]
    room.clock.advance(timedelta(seconds=1))
    await forget_unused(room.database, USED, asyncio.Event())
    assert await there(desk, lost, proof, claimed, shown, file, invoice, card) == [False, *[True] * 6]


async def test_every_column_that_names_documents_counts_as_a_use(desk: Desk) -> None:
    rows = await desk.room.database.pool.fetch(NAMING)
    assert len(rows) >= 6
    for table, column in rows:
        assert f"{column} FROM {table}" in USED.replace("unnest(", "").replace(")", ""), f"{table}.{column}"


async def test_the_errand_goes_on_until_it_is_told_to_stop(desk: Desk) -> None:
    lost, stop = await kept(desk), asyncio.Event()
    desk.room.clock.advance(UNUSED_FOR * 2)
    errand = asyncio.create_task(forget_unused_documents(desk.room.database, None, stop))

    async def gone() -> bool:
        return await there(desk, lost) == [False]

    await until(gone, "the document's end")
    stop.set()
    await asyncio.wait_for(errand, 5)


@pytest.mark.requirement("REG-06", "REG-16")
async def test_a_document_that_is_forgotten_cannot_be_named(desk: Desk) -> None:
    case = await open_case(desk)
    owner = customer(desk.room, case.registered["customer_id"])
    lost = await kept(desk, sub=owner.claims["sub"])
    desk.room.clock.advance(UNUSED_FOR + timedelta(seconds=1))
    await forget_unused(desk.room.database, USED, asyncio.Event())
    issued = await desk.certificate()
    answer = await desk.register(issued.certificate_number, proof_of_purchase=[lost])
    assert (answer.status_code, answer.json()["code"]) == (422, "document-unknown")

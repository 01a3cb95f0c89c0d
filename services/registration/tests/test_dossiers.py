"""Bulk files: every row is the form's own command, and has its own outcome."""

import asyncio

import pytest

from event_schemas.registration import CertificateRedeemed, ProductRegistered
from event_schemas.registration_dossiers import DossierCompleted, DossierReceived

from .bulk import COLUMNS, PDF, SENDER, Bulk, read, table, utf8
from .conftest import CAMILLE, refused


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


@pytest.mark.requirement("REG-19", "REG-20")
async def test_a_file_with_its_invoices_registers_each_row_and_says_so(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=5)
    rows = [bulk.row(issued.certificate_number, email=f"one{number}@example.com") for number in range(3)]
    content = utf8(rows)
    answer = await bulk.send(content)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert answer.headers["location"] == f"/dossiers/{receipt['dossier_id']}"
    assert (receipt["state"], receipt["due_on"]) == ("received", "2026-11-29")
    said = [fact for fact in await bulk.desk.said() if isinstance(fact, DossierReceived)]
    assert [(fact.size_bytes, fact.purchase_invoices, fact.service_invoices) for fact in said] == [(len(content), 1, 1)]
    await bulk.work()
    state = await bulk.state(receipt["dossier_id"])
    assert (state["state"], state["rows_total"], state["done"], state["failed"]) == ("completed", 3, 3, 0)
    facts = await bulk.desk.said()
    assert [sum(isinstance(fact, kind) for fact in facts) for kind in (ProductRegistered, CertificateRedeemed)] == [
        3,
        3,
    ]
    completed = facts[-1]
    assert isinstance(completed, DossierCompleted)
    assert (completed.rows, completed.registered, completed.refused, completed.problem) == (3, 3, 0, None)
    outcomes = await bulk.outcomes(receipt["dossier_id"])
    redeemed = {str(fact.redemption_id) for fact in facts if isinstance(fact, CertificateRedeemed)}
    assert redeemed == {row["redemption_id"] for row in outcomes}
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 2


async def one_of_each(bulk: Bulk) -> list[dict[str, str]]:
    """Rows of which each becomes something else, on a certificate of three units."""
    issued, taken = await bulk.desk.certificate(quantity=3), bulk.desk.serial()
    number = issued.certificate_number
    await bulk.desk.register(number, serial=taken, customer=CAMILLE)
    good = bulk.row(number)
    return [
        good,
        good,
        bulk.row(number, serial=taken),
        bulk.row(number, serial="9H012345SX"),
        bulk.row("FCAAAAAAAAAA"),
        bulk.row(number, purchase_date="11/30/2026", email="nobody"),
        bulk.row(number, model="M75-1"),
        bulk.row(number, service_reference="EXT2FR-X40"),
        bulk.row(number, model=""),
        bulk.row(number, last_name="", first_name=""),
        bulk.row(number),
        bulk.row(number),
    ]


@pytest.mark.requirement("REG-20")
async def test_every_kind_of_outcome_stands_in_the_answer_with_column_and_message(bulk) -> None:
    content = utf8(await one_of_each(bulk))
    dossier = await bulk.done(content)
    assert await bulk.words(dossier) == [
        "registered",
        "already_registered",
        "contested",
        "serial-malformed",
        "parked",
        "date-malformed",
        "model-not-covered",
        "service-reference-mismatch",
        "parked",
        "field-missing",
        "registered",
        "certificate-exhausted",
    ]
    answered = read(await bulk.answer(dossier))
    assert [list(row.values())[:-3] for row in answered] == [list(row.values()) for row in read(content)]
    told = [(row["aftercare_result"], row["aftercare_column"]) for row in answered]
    assert told[:7] == [
        ("registered", ""),
        ("already_registered", ""),
        ("contested", ""),
        ("serial-malformed", "serial"),
        ("parked", "certificate"),
        ("date-malformed", "purchase_date"),
        ("model-not-covered", "model"),
    ]
    assert answered[3]["aftercare_message"].startswith("The character “S” at position 9 ")
    assert answered[5]["aftercare_message"] == (
        "purchase_date: 11/30/2026 is no date; write the day first, or the year: DD/MM/YYYY, YYYY-MM-DD. "
        "email: An e-mail address like name@example.org is expected."
    )
    outcomes = await bulk.outcomes(dossier)
    assert (outcomes[3]["column"], outcomes[3]["value"], outcomes[3]["faults"][0]["accepted"]) == (
        "serial", "9H012345SX", "9H0123455X",
    )  # fmt: skip
    assert outcomes[2]["contest_id"] is not None
    assert outcomes[1]["redemption_id"] == outcomes[0]["redemption_id"]


@pytest.mark.requirement("REG-20")
async def test_the_answer_and_the_rows_are_told_in_the_readers_language(bulk) -> None:
    issued = await bulk.desk.certificate()
    dossier = await bulk.done(utf8([bulk.row(issued.certificate_number, serial="9H012345SX")]))
    french = read(await bulk.answer(dossier, "fr"))[0]["aftercare_message"]
    assert "« S » en position 9" in french
    assert (await bulk.outcomes(dossier, language="nl"))[0]["message"].startswith("Het teken “S” op positie 9")


@pytest.mark.requirement("REG-20", "REG-21")
@pytest.mark.parametrize("change", ["same", "corrected", "shuffled"])
async def test_a_file_that_is_sent_again_never_registers_a_row_twice(bulk, change) -> None:
    issued = await bulk.desk.certificate(quantity=10)
    rows = [bulk.row(issued.certificate_number, email=f"p{number}@example.com") for number in range(6)]
    wrong = {**rows[2], "serial": "SH" + rows[2]["serial"][2:]}
    first = await bulk.done(utf8([*rows[:2], wrong, *rows[3:]]))
    assert await bulk.words(first) == ["registered"] * 2 + ["serial-malformed"] + ["registered"] * 3
    again = {"same": [*rows[:2], wrong, *rows[3:]], "corrected": rows, "shuffled": rows[::-1]}[change]
    second = await bulk.done(utf8(again))
    words = await bulk.words(second)
    assert words.count("already_registered") == 5
    assert words.count("registered") == (0 if change == "same" else 1)
    left = (await bulk.desk.ledger(issued.certificate_id))["units_left"]
    assert left == (5 if change == "same" else 4)


@pytest.mark.requirement("REG-21")
async def test_the_answer_itself_can_be_corrected_and_sent_again(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=5)
    rows = [bulk.row(issued.certificate_number), bulk.row(issued.certificate_number, serial="9H01 23456X")]
    answered = await bulk.answer(await bulk.done(utf8(rows)))
    again = await bulk.done(answered.replace(b"9H01 23456X", bulk.desk.serial().encode()))
    assert await bulk.words(again) == ["already_registered", "registered"]


@pytest.mark.requirement("REG-21")
async def test_a_file_in_two_orders_worked_off_by_four_errands_at_once_registers_each_row_once(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=100)
    rows = [bulk.row(issued.certificate_number, email=f"q{number}@example.com") for number in range(60)]
    one, two = await bulk.open(utf8(rows)), await bulk.open(utf8(rows[::-1]))
    await asyncio.gather(*(bulk.work() for _ in range(4)))
    words = await bulk.words(one) + await bulk.words(two)
    assert (words.count("registered"), words.count("already_registered")) == (60, 60)
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 40


@pytest.mark.requirement("REG-21")
async def test_of_a_hundred_parallel_files_with_the_same_row_one_registers_it(bulk) -> None:
    issued = await bulk.desk.certificate(quantity=3)
    content = utf8([bulk.row(issued.certificate_number)])
    senders = [Bulk(bulk.desk, {"sub": f"dealer-{number}"}) for number in range(100)]
    dossiers = await asyncio.gather(*(sender.open(content) for sender in senders))
    await asyncio.gather(*(bulk.work() for _ in range(4)))
    words = [(await sender.words(one))[0] for sender, one in zip(senders, dossiers, strict=True)]
    assert (words.count("registered"), words.count("already_registered")) == (1, 99)
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 2


@pytest.mark.requirement("REG-21")
async def test_of_twenty_clicks_on_send_one_opens_a_dossier_and_the_others_are_led_to_it(bulk) -> None:
    issued = await bulk.desk.certificate()
    command = await bulk.command(utf8([bulk.row(issued.certificate_number)]))
    room = bulk.desk.room
    answers = await asyncio.gather(*(room.post("/dossiers", command, claims=bulk.claims) for _ in range(20)))
    good = [answer.json()["dossier_id"] for answer in answers if answer.status_code == 202]
    assert len(good) == 1
    for answer in answers:
        if answer.status_code != 202:
            refused(answer, 409, "dossier-running", "/file")
            assert answer.json()["details"] == {"dossier_id": good[0]}
    await bulk.work()
    assert (await room.post("/dossiers", command, claims=bulk.claims)).status_code == 202


@pytest.mark.requirement("REG-19")
@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"purchase_invoices": []}, "fields-not-acceptable", "/purchase_invoices"),
        ({"service_invoices": []}, "fields-not-acceptable", "/service_invoices"),
        ({"file": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4dff"}, "document-unknown", "/file"),
        ({"submitter": None}, "submitter-missing", "/submitter"),
        ({"submitter": {**SENDER, "language": "de"}}, "fields-not-acceptable", "/submitter/language"),
        ({"brand": "toshiba"}, "brand-unknown", "/brand"),
    ],
)
async def test_what_a_dossier_lacks_is_named(bulk, change, code, pointer) -> None:
    refused(await bulk.send(utf8([]), **change), 422, code, pointer)


@pytest.mark.requirement("REG-19")
async def test_a_file_must_be_csv_and_an_invoice_pdf_or_picture(bulk) -> None:
    text, pdf = await bulk.keep(utf8([])), await bulk.keep(PDF, "invoice.pdf")
    error = refused(await bulk.send(b"", file=pdf), 422, "document-kind", "/file")
    assert (error["value"], error["accepted"]) == ("application/pdf", ["text/csv", "text/plain"])
    answer = await bulk.send(utf8([]), service_invoices=[pdf, text])
    refused(answer, 422, "document-kind", "/service_invoices/1")


async def test_a_token_of_a_person_needs_no_submitter_and_may_name_none(bulk) -> None:
    sender = Bulk(bulk.desk, {"sub": "jan", "contact": "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4daa"})
    refused(await sender.send(utf8([])), 422, "submitter-is-caller", "/submitter")
    assert (await sender.send(utf8([]), submitter=None)).status_code == 202
    said = await bulk.desk.said()
    assert str(said[-1].submitter_id) == "019a8f3e-2b7c-7d41-9c55-0a1b2c3d4daa"


@pytest.mark.requirement("REG-19")
async def test_the_template_needs_no_token_and_is_a_file_that_is_accepted(bulk) -> None:
    answer = await bulk.desk.room.client.get("/dossiers/template?brand=dynabook")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfserial;certificate;service_reference;purchase_date;first_name;")
    assert tuple(read(answer.content + b";" * 15)[0])[:13] == COLUMNS[:13]
    dossier = await bulk.done(answer.content)
    state = await bulk.state(dossier)
    assert (state["state"], state["rows_total"]) == ("completed", 0)
    unknown = await bulk.desk.room.client.get("/dossiers/template?brand=toshiba")
    refused(unknown, 422, "brand-unknown", "/brand")


@pytest.mark.requirement("REG-20")
async def test_a_row_without_a_language_leaves_a_known_customers_language_as_it_is(bulk) -> None:
    issued = await bulk.desk.certificate()
    names = ("dutch@example.com", "new@example.com")
    told = {"brand": "dynabook", "name": "Jan Peeters", "email": names[0], "language": "nl"}
    await bulk.desk.room.post("/contacts", told)
    rows = [bulk.row(issued.certificate_number, email=name.replace("d", "D")) for name in names]
    assert await bulk.words(await bulk.done(utf8(rows))) == ["registered"] * 2
    query = "SELECT language FROM contacts WHERE lower(email) = ANY($1) ORDER BY email"
    kept = await bulk.desk.room.database.pool.fetch(query, list(names))
    assert [row["language"] for row in kept] == ["nl", "fr"]


async def test_table_writes_what_read_reads() -> None:
    assert read(table([{"serial": 'a";b'}]).encode())[0]["serial"] == 'a";b'

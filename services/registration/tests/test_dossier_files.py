"""Files as spreadsheets and people make them: read as they are meant, given back as they came (REG-20, REG-21)."""

import csv
import io
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registration_service.dossiers.columns import COLUMNS, MANDATORY, day_of, header_of, meaning
from registration_service.dossiers.domain import MOST_ROWS
from registration_service.dossiers.table_file import LONGEST_RECORD, LineTooLong, Splitter, cells_of
from registration_service.dossiers.table_file import Dialect as FileDialect

from .bulk import Bulk, read, table, utf8

FRENCH = (
    "N° de série", "Numéro de certificat", "Référence du service", "DATE D'ACHAT", "Prénom", "Nom", "E-mail", "Société",
    "Adresse", "Code postal", "Ville", "Téléphone", "Moyen de contact", "Modèle",
)  # fmt: skip
DUTCH = (
    "serienummer", "certificaat", "Referentie", "Aankoop_datum", "voornaam", "Achternaam", "E-mailadres", "Bedrijf",
    "Straat en nummer", "postcode", "Gemeente", "telefoon", "contactkanaal", "model",
)  # fmt: skip


@pytest.fixture
def bulk(desk) -> Bulk:
    return Bulk(desk)


@pytest.mark.requirement("REG-21")
@pytest.mark.parametrize(
    ("encoding", "bom", "delimiter", "end", "day"),
    list(product(["utf-8", "cp1252"], [True, False], [";", ","], ["\r\n", "\n"], ["20/11/2026", "2026-11-20"])),
)
async def test_a_file_of_every_dialect_is_read_as_meant_and_given_back_as_it_came(
    bulk, encoding, bom, delimiter, end, day
) -> None:
    bom = bom and encoding == "utf-8"
    issued = await bulk.desk.certificate(quantity=4)
    row = bulk.row(issued.certificate_number, purchase_date=day, last_name="Müller-Lefèvre", city="Liège €")
    other = bulk.row(issued.certificate_number, address='Rue "Haute", 3;\nbâtiment B', company="A, B; C")
    text = table([row, other], delimiter).replace("\r\n", end) + end
    content = (b"\xef\xbb\xbf" if bom else b"") + text.encode(encoding)
    dossier = await bulk.done(content)
    assert await bulk.words(dossier) == ["registered", "registered"]
    answered = await bulk.answer(dossier)
    assert_same_but_for_three_columns(content, answered)
    kept = await bulk.desk.room.database.pool.fetchrow(
        "SELECT name, city, street, company FROM contacts WHERE lower(email) = $1", row["email"]
    )
    assert tuple(kept) == ("Jan Peeters", "Gent", 'Rue "Haute", 3;, bâtiment B', "A, B; C")


def assert_same_but_for_three_columns(content: bytes, answered: bytes) -> None:
    """Every line is byte for byte the one that came, but for what was added at its end."""
    delimiter = b"," if b"aftercare_result,aftercare_column" in answered else b";"
    for came, went in zip(content.splitlines(keepends=True), answered.splitlines(keepends=True), strict=True):
        line = came.rstrip(b"\r\n")
        assert went.startswith(line)
        assert went.endswith(came[len(line) :])
        added = went[len(line) : len(went) - len(came[len(line) :])]
        assert not added or added.startswith(delimiter)


@pytest.mark.requirement("REG-19", "REG-21")
@pytest.mark.parametrize("names", [FRENCH, DUTCH], ids=["french", "dutch"])
async def test_headings_in_french_and_dutch_in_any_order_with_unknown_columns_are_understood(bulk, names) -> None:
    issued = await bulk.desk.certificate()
    row = bulk.row(issued.certificate_number, contact_channel="téléphone")
    named = {"Remarque": "=1+1", **dict(zip(names, row.values(), strict=True))}
    dossier = await bulk.done(table([named], columns=list(named)[::-1]).encode())
    assert await bulk.words(dossier) == ["registered"]
    answered = read(await bulk.answer(dossier))
    assert answered[0]["Remarque"] == "=1+1"
    channel = await bulk.desk.room.database.pool.fetchval(
        "SELECT channel FROM contacts WHERE lower(email) = $1", row["email"]
    )
    assert channel == "phone"


@pytest.mark.requirement("REG-19")
@pytest.mark.parametrize("missing", MANDATORY)
async def test_a_file_without_a_mandatory_column_is_refused_with_its_names(bulk, missing) -> None:
    content = table([], columns=[column for column in COLUMNS if column != missing]).encode()
    dossier = await bulk.done(content)
    state = await bulk.state(dossier)
    assert (state["state"], state["problem"]["code"], state["problem"]["column"]) == (
        "refused",
        "column-missing",
        missing,
    )
    assert missing.replace("_", " ") in state["problem"]["message"].replace("-", "").lower()
    assert len(state["problem"]["accepted"]) >= 3


async def test_a_file_with_one_column_twice_is_refused(bulk) -> None:
    dossier = await bulk.done(table([], columns=[*COLUMNS, "Ville"]).encode())
    problem = (await bulk.state(dossier))["problem"]
    assert (problem["code"], problem["column"], problem["value"]) == ("column-repeated", "city", "city, Ville")


@pytest.mark.requirement("REG-21")
async def test_blank_lines_are_no_rows_and_short_rows_are_filled_up_in_the_answer(bulk) -> None:
    issued = await bulk.desk.certificate()
    lines = table([bulk.row(issued.certificate_number)]).splitlines()
    content = "\r\n".join(["", lines[0], "", ";;;", lines[1] + ";;", "only;two", "   ", ""]).encode()
    dossier = await bulk.done(content)
    assert await bulk.words(dossier) == ["registered", "field-missing"]
    assert [row["line"] for row in await bulk.outcomes(dossier)] == [5, 6]
    answered = (await bulk.answer(dossier)).decode().split("\r\n")
    assert [answered[place] for place in (0, 2, 3, 6, 7)] == ["", "", ";;;", "   ", ""]
    assert answered[5].startswith("only;two" + ";" * 13)


@pytest.mark.requirement("REG-20")
async def test_what_is_added_to_a_short_row_with_quotes_stands_below_its_heading(bulk) -> None:
    dossier = await bulk.done((table([]) + '"short; and quoted";two\r\n').encode())
    assert read(await bulk.answer(dossier))[0]["aftercare_result"] == "field-missing"


@pytest.mark.requirement("REG-20")
async def test_a_row_that_cannot_be_cut_into_cells_is_refused_and_the_next_ones_go_on(bulk) -> None:
    issued = await bulk.desk.certificate()
    number = issued.certificate_number
    good = table([bulk.row(number), bulk.row(number)]).splitlines()
    shifted = table([bulk.row(number)]).splitlines()[1].replace("Kerkstraat 12", "Kerkstraat; 12")
    dossier = await bulk.done("\r\n".join([good[0], shifted, good[1], '"9H0123456X;x', good[2]]).encode())
    assert await bulk.words(dossier) == ["cells-too-many", "registered", "quote-unclosed", "registered"]


@pytest.mark.requirement("REG-20")
async def test_no_added_cell_is_a_formula(bulk) -> None:
    issued = await bulk.desk.certificate()
    heading = "@serial"
    row = bulk.row(issued.certificate_number, serial="=cmd|' /C calc'!A0")
    text = table([row]).replace("serial;", f"{heading};", 1)
    answered = read(await bulk.answer(await bulk.done(text.encode())))
    assert answered[0]["aftercare_column"] == "'@serial"
    assert answered[0]["aftercare_message"][0] not in "=+-@"


@pytest.mark.requirement("REG-21")
async def test_one_row_more_than_the_most_is_refused_unread(bulk, monkeypatch) -> None:
    monkeypatch.setattr("registration_service.dossiers.reading.MOST_ROWS", 1500)
    issued = await bulk.desk.certificate()
    content = utf8([bulk.row(issued.certificate_number)] * 1501)
    dossier = await bulk.done(content)
    state = await bulk.state(dossier)
    assert (state["state"], state["problem"]["code"], state["rows_total"]) == ("refused", "too-many-rows", 0)
    assert await bulk.outcomes(dossier) == []
    assert read(await bulk.answer(dossier))[1500]["aftercare_result"] == "too-many-rows"
    assert (await bulk.desk.ledger(issued.certificate_id))["units_left"] == 3
    assert MOST_ROWS == 100_000


async def test_a_file_that_is_no_table_is_refused_with_the_line(bulk) -> None:
    dossier = await bulk.done(b"x" * 200_000)
    timers = "SELECT count(*) FROM timer WHERE subject = $1"
    assert await bulk.desk.room.database.pool.fetchval(timers, dossier) == 0
    assert (await bulk.state(dossier))["problem"]["code"] == "line-too-long"
    dossier = await bulk.done(utf8([]) + b"\n" + b"y" * 200_000)
    problem = (await bulk.state(dossier))["problem"]
    assert problem["message"].startswith("Line 3 ")


@pytest.mark.requirement("REG-20")
async def test_a_file_that_ends_in_no_table_comes_back_whole(bulk) -> None:
    row = table([bulk.row("FCAAAAAAAAAA")]).encode()
    content = row + b"z" * 200_000 + b"\r\n" + row
    answered = await bulk.answer(await bulk.done(content))
    first, _, rest = answered.partition(b"\r\nzzz")
    assert first.splitlines()[1].startswith(row.splitlines()[1] + b";line-too-long;")
    assert b"zzz" + rest == content[len(row) :]


CELLS = st.text(
    st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]) | st.sampled_from('";,\n\t =+-@ΩЖ漢😀'), max_size=12
)


@pytest.mark.requirement("REG-20", "REG-21")
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(CELLS, min_size=16, max_size=16), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    delimiter=st.sampled_from(";,"),
    end=st.sampled_from(["\r\n", "\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    last=st.booleans(),
)
async def test_any_file_comes_back_byte_for_byte_with_three_columns_more(
    bulk, rows, encoding, delimiter, end, quoting, last
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    text = out.getvalue() if last else out.getvalue().removesuffix(end)
    content = text.encode(encoding, "replace")
    dossier = await bulk.done(content, dry_run=True)
    answered = await bulk.answer(dossier)
    came = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))
    went = list(csv.reader(io.StringIO(answered.decode(encoding), newline=""), delimiter=delimiter))
    assert len(went) == len(came)
    for before, after in zip(came, went, strict=True):
        blank = not "".join(before).strip(' \t\r\n;,"')
        assert after == before if blank else after[: len(before)] == before and len(after) == len(before) + 3
    assert answered.startswith(b"\xef\xbb\xbf") == content.startswith(b"\xef\xbb\xbf")


def split(content: bytes, step: int) -> list[Any]:
    splitter = Splitter(";")
    found = [one for start in range(0, len(content), step) for one in splitter.feed(content[start : start + step])]
    return found + list(splitter.finish())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from([b"a", b";", b'"', b"\n", b"\r\n", b","]), max_size=40).map(b"".join), st.integers(1, 9)
)
def test_records_do_not_depend_on_the_pieces_in_which_they_arrive(content, step) -> None:
    whole = split(content, len(content) or 1)
    assert split(content, step) == whole
    assert b"".join(record.content + record.end for record in whole) == content
    assert [record.offset for record in whole[1:]] == [record.after for record in whole[:-1]]


def test_a_quote_that_is_never_closed_costs_one_line_however_the_pieces_fall() -> None:
    long = b'1;"open\n' + b"2;x\n" * (LONGEST_RECORD // 2) + b'3;"y"\n'
    for step in (len(long), 1000, 4096 * 16):
        records = split(long, step)
        assert [record.closed for record in records] == [False] + [True] * (len(records) - 1)
        assert records[1].content == b"2;x"
    with pytest.raises(LineTooLong, match="2"):
        split(b"a\n" + b"b" * (LONGEST_RECORD + 1), 1000)


@pytest.mark.parametrize(
    ("column", "cell", "meant"),
    [
        ("serial", '="0123"', "0123"),
        ("serial", "'0123", "0123"),
        ("serial", " 9H \u00a0", "9H"),
        ("serial", "", ""),
        ("address", "Rue 1 \r\n Bat. B", "Rue 1, Bat. B"),
        ("city", "a\nb", "a b"),
        ("contact_channel", "Téléphone", "phone"),
        ("contact_channel", "pigeon", "pigeon"),
        ("language", "Néerlandais", "nl"),
    ],
)
def test_what_spreadsheets_wrap_around_a_cell_is_taken_off(column, cell, meant) -> None:
    assert meaning(column, cell) == meant


@pytest.mark.requirement("REG-21")
def test_a_date_with_slashes_is_day_first_and_never_guessed() -> None:
    told = {text: str(day_of(text)) for text in ("03/04/2026", "3/4/2026", "2026-04-03", "29/02/2028")}
    assert set(told.values()) == {"2026-04-03", "2028-02-29"}
    for wrong in ("04/30/2026", "2026/04/03", "29/02/2026", "3.4.2026", "03/04/26", "20260403", "2026-W14-5", ""):
        assert day_of(wrong) is None


def test_no_name_stands_for_two_columns() -> None:
    for column in COLUMNS:
        header = header_of([*(one for one in COLUMNS if one != column), column.upper().replace("_", " ")])
        assert header.places[column] == len(COLUMNS) - 1


def test_cells_are_those_that_a_spreadsheet_reads() -> None:
    record = split(b'a;"b""c";x"y;"d;e"f\n', 3)[0]
    assert cells_of(record, FileDialect("utf-8", False, ";")) == ["a", 'b"c', 'x"y', "d;ef"]

"""Files come in by content, limited and safe, are seen by whom they belong to, and come out byte for byte."""

import asyncio
import hashlib
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from tests.support.samples import CSV, PDF, bomb, photo, picture, upload

from chassis import media
from chassis.http.context import BODY_LIMIT

OWN = ("documents:read", "documents:write")
SHARED = (*OWN, "files:organisation")
ALL = (*OWN, "files:all")
ACME, OTHER = str(uuid4()), str(uuid4())


async def rows(room) -> list[int]:
    tables = ("document", "document_part", "idempotency")
    return [await room.database.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.parametrize(
    ("content", "said", "name", "media_type"),
    [
        (PDF, "invoice.pdf", "invoice.pdf", "application/pdf"),
        (PDF, "../../invoice.exe", "invoice.pdf", "application/pdf"),
        (CSV.encode("cp1252"), "dossier.csv", "dossier.csv", "text/csv"),
        (CSV.encode(), "notes", "notes.txt", "text/plain"),
    ],
)
@pytest.mark.requirement("REG-16", "REG-19")
async def test_a_file_is_kept_as_it_is_under_a_safe_name(room, content, said, name, media_type):
    answer = await upload(room, content, said)
    kept = answer.json()
    digest = hashlib.sha256(content).hexdigest()
    expected = {"name": name, "media_type": media_type, "size_bytes": len(content), "sha256": digest}
    assert (answer.status_code, kept) == (201, {"document_id": kept["document_id"], **expected})
    shown = await room.get(f"/documents/{kept['document_id']}")
    assert (shown.status_code, shown.content) == (200, content)
    assert shown.headers["Content-Type"] == media_type
    assert shown.headers["Content-Length"] == str(len(content))
    assert shown.headers["ETag"] == f'"{digest}"'
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.requirement("REG-16")
async def test_a_picture_is_kept_redrawn_and_told_as_it_is_kept(room, form):
    sent = picture(form) + b"<?php appended ?>"
    kept = (await upload(room, sent, "photo.pdf")).json()
    shown = await room.get(f"/documents/{kept['document_id']}")
    assert kept["media_type"] == shown.headers["Content-Type"] == f"image/{form.lower()}"
    assert kept["name"] == f"photo{media.EXTENSIONS[kept['media_type']]}"
    assert b"<?php" not in shown.content
    assert kept["sha256"] == hashlib.sha256(shown.content).hexdigest()
    assert kept["size_bytes"] == len(shown.content)


@pytest.mark.parametrize(
    ("content", "status", "code", "value", "accepted"),
    [
        (b"", 422, "document-empty", None, None),
        (b"MZ\x90\x00" + bytes(99), 415, "document-type-not-accepted", "application/x-msdownload", None),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), 415, "document-type-not-accepted", "image/heic", None),
        (picture("JPEG")[:300], 422, "document-broken", "image/jpeg", None),
        (bomb(), 413, "document-too-many-pixels", None, 50_000_000),
        (PDF + bytes(10 * 1024 * 1024), 413, "document-too-large", None, 10 * 1024 * 1024),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
@pytest.mark.requirement("REG-16", "ALL-01")
async def test_what_is_not_accepted_is_refused_with_what_would_be(
    room, content, status, code, value, accepted, language
):
    answer = await upload(room, content, "invoice.pdf", language=language)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, code)
    [error] = said["errors"]
    assert (error["pointer"], error["value"]) == ("/body", value)
    if code == "document-type-not-accepted":
        accepted = list(media.EXTENSIONS)
        assert all(text in said["detail"] for text in (value, *accepted, "Windows-1252"))
    assert error.get("accepted") == accepted
    assert "?" not in said["detail"]
    assert await rows(room) == [0, 0, 0]


@pytest.mark.parametrize("name", ["", "x" * 1001])
async def test_a_file_needs_a_name(room, name):
    answer = await upload(room, PDF, name)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/name")


@pytest.mark.parametrize(
    ("name", "plain", "coded"),
    [
        ("Facture Brûlé; été.pdf", "Facture Br_l_; _t_.pdf", "Facture%20Br%C3%BBl%C3%A9%3B%20%C3%A9t%C3%A9.pdf"),
        ("发票.pdf", "__.pdf", "%E5%8F%91%E7%A5%A8.pdf"),
        ('a"; filename="evil.html', "a; filename=evil.pdf", "a%3B%20filename%3Devil.pdf"),
        ("a\r\nX-Evil: 1.pdf", "a X-Evil 1.pdf", "a%20X-Evil%201.pdf"),
    ],
)
@pytest.mark.requirement("REG-16")
async def test_a_download_carries_the_name_for_old_and_new_readers(room, name, plain, coded):
    kept = (await upload(room, PDF, name)).json()
    shown = await room.get(f"/documents/{kept['document_id']}")
    assert shown.headers["Content-Disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"
    assert "X-Evil" not in shown.headers


@pytest.mark.requirement("REG-16", "ALL-01")
async def test_the_same_upload_again_is_the_same_document(room):
    first = await upload(room, photo(), "photo.jpg", key="k")
    again = await upload(room, photo(), "photo.jpg", key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    for content, name in ((photo(), "other.jpg"), (photo(3), "photo.jpg")):
        other = await upload(room, content, name, key="k")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await rows(room) == [1, 1, 1]


@pytest.mark.requirement("REG-16", "ALL-01")
async def test_of_eight_same_uploads_at_once_one_is_kept(room):
    answers = await asyncio.gather(*(upload(room, PDF * 9000, key="k") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["document_id"] for answer in answers if answer.status_code == 201}) == 1
    assert (await rows(room))[0] == 1


@pytest.mark.requirement("REG-06", "REG-16")
async def test_a_file_is_seen_by_its_owner_the_organisation_s_members_who_see_all_and_those_who_see_everything(room):
    kept = (await upload(room, PDF, sub="an", organisation=ACME, scopes=OWN)).json()
    path = f"/documents/{kept['document_id']}"
    seeing = [
        (OWN, {"sub": "an", "organisation": ACME}),
        (SHARED, {"sub": "bo", "organisation": ACME}),
        (ALL, {"sub": "gateway"}),
    ]
    for scopes, claims in seeing:
        assert (await room.get(path, scopes=scopes, claims=claims)).content == PDF
    blind = [
        (OWN, {"sub": "bo", "organisation": ACME}),
        (SHARED, {"sub": "cas", "organisation": OTHER}),
        (SHARED, {"sub": "cas"}),
        (OWN, {"sub": "AN"}),
        (OWN, {"sub": "an"}),  # has left the organisation
        (SHARED, {"sub": "an", "organisation": OTHER}),  # is with another one
    ]
    unknown = (await room.get(f"/documents/{uuid4()}", scopes=OWN)).json()
    for scopes, claims in blind:
        answer = await room.get(path, scopes=scopes, claims=claims)
        assert answer.status_code == 404
        assert {**answer.json(), "correlation_id": ""} == {**unknown, "correlation_id": ""}


@pytest.mark.parametrize(("method", "scopes"), [("POST", ["documents:read"]), ("GET", ["documents:write"])])
@pytest.mark.requirement("ALL-06")
async def test_writing_and_reading_are_rights_of_their_own(room, method, scopes):
    answer = await (
        upload(room, PDF, scopes=scopes) if method == "POST" else room.get(f"/documents/{uuid4()}", scopes=scopes)
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")


async def test_a_reader_who_has_the_file_already_is_not_sent_it_again(room):
    kept = (await upload(room, PDF)).json()
    token = (await room.get(f"/documents/{kept['document_id']}")).request.headers["Authorization"]
    for etag, status in ((f'"{kept["sha256"]}"', 304), ('"other"', 200)):
        headers = {"Authorization": token, "If-None-Match": etag}
        answer = await room.client.get(f"/documents/{kept['document_id']}", headers=headers)
        assert (answer.status_code, bool(answer.content)) == (status, status == 200)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("start", "limit"), [(b"%PDF-1.7", media.LONGEST), (b"serial;", media.LONGEST_TEXT)])
@pytest.mark.requirement("REG-16", "REG-19")
async def test_a_file_that_is_too_large_is_refused_without_reading_it_whole(room, start, limit, declared):
    taken = 0

    async def pieces():
        nonlocal taken
        for _ in range(200):
            taken += 1_000_000
            yield start.ljust(1_000_000, b"x")

    headers = {"Content-Length": "200000000"} if declared else {}
    token = (await room.get("/documents/none")).request.headers["Authorization"]
    headers |= {"Authorization": token, "Idempotency-Key": "k"}
    answer = await room.client.post("/documents?name=a", content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "document-too-large")
    assert taken <= limit + 2_000_000
    if declared:
        assert taken <= 1_000_000
    assert await rows(room) == [0, 0, 0]


async def test_a_file_that_a_server_hands_over_in_one_piece_has_the_same_limit(room):
    app = room.client._transport.app

    async def in_one_piece(scope, receive, send):
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        whole = {"type": "http.request", "body": body, "more_body": False}
        await app(scope, lambda: asyncio.sleep(0, whole), send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(in_one_piece), base_url="http://room") as client:
        other = replace(room, client=client)
        assert (await upload(other, PDF.ljust(media.LONGEST))).status_code == 201
        assert (await upload(other, PDF.ljust(media.LONGEST + 1))).json()["code"] == "document-too-large"


@pytest.mark.requirement("REG-16")
async def test_a_file_that_trickles_in_is_given_up(room, monkeypatch):
    monkeypatch.setattr("chassis.http.uploads.LONGEST_SECONDS", 0.1)

    async def pieces():
        yield PDF
        await asyncio.get_running_loop().create_future()

    answer = await upload(room, pieces())
    assert (answer.status_code, answer.json()["code"]) == (408, "document-too-slow")
    assert await rows(room) == [0, 0, 0]


@pytest.mark.requirement("ALL-01")
async def test_no_other_operation_takes_a_longer_body_than_before(room):
    await upload(room, b"x" * (2 * BODY_LIMIT), "a.txt")
    answer = await room.post("/invoices", {"brand": "acme", "serial": "S-1", "number": 7, "text": "x" * BODY_LIMIT})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")

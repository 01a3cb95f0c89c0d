"""Kept files in the hands of a service: read in parts, named by commands, dropped."""

import hashlib
import random
from uuid import UUID, uuid4

import pytest
from tests.support.samples import PDF, upload

from chassis import documents
from chassis.caller import Caller, Sight
from chassis.deliver import NO_CAUSE
from chassis.transact import Refusal

OWN = ("documents:read", "documents:write")


async def content_of(room, document_id, start=0) -> bytes:
    return b"".join([piece async for piece in documents.read(room.database.pool, UUID(document_id), start)])


@pytest.mark.requirement("REG-19")
async def test_a_text_of_sixty_megabytes_is_read_back_byte_for_byte_from_any_place(room):
    whole = random.Random(7).randbytes(30_000_000).hex().encode()

    async def pieces():
        for start in range(0, len(whole), 65_536):
            yield whole[start : start + 65_536]

    kept = (await upload(room, pieces(), "dossier.csv")).json()
    assert (kept["size_bytes"], kept["sha256"]) == (60_000_000, hashlib.sha256(whole).hexdigest())
    assert (await room.get(f"/documents/{kept['document_id']}")).content == whole
    part = documents.PART_BYTES
    for start in (0, 1, part - 1, part, part + 1, 40_000_000, 229 * part - 1, len(whole) - 1, len(whole), part * 999):
        assert await content_of(room, kept["document_id"], start) == whole[start:]


@pytest.mark.parametrize("size", [1, documents.PART_BYTES - 1, documents.PART_BYTES, 2 * documents.PART_BYTES])
async def test_a_file_of_whole_parts_has_no_empty_one(room, size):
    kept = (await upload(room, b"x" * size, "a.txt")).json()
    assert await content_of(room, kept["document_id"]) == b"x" * size
    count = await room.database.pool.fetchval("SELECT count(*) FROM document_part")
    assert count == -(-size // documents.PART_BYTES)


@pytest.mark.requirement("REG-06", "REG-16")
async def test_a_command_learns_which_of_its_documents_is_unknown_or_not_seen_alike(room):
    an, bo = Caller("an", frozenset(OWN)), Caller("bo", frozenset(OWN))
    ids = [UUID((await upload(room, PDF, f"{name}.pdf", sub="an")).json()["document_id"]) for name in "ab"]
    async with room.database.transaction(NO_CAUSE) as tx:
        found = await documents.held(tx, [ids[1], ids[0], ids[1]], an, "/proof_of_purchase/{}")
        assert [document.name for document in found] == ["b.pdf", "a.pdf", "b.pdf"]
        assert await documents.held(tx, [], bo, "/proof_of_purchase/{}") == []
        stranger = uuid4()
        for asked, by, place in (([ids[0], stranger], an, 1), ([*ids], bo, 0), ([stranger], an, 0)):
            refused = await documents.held(tx, asked, by, "/proof_of_purchase/{}")
            assert refused == Refusal("document-unknown", 422, f"/proof_of_purchase/{place}", asked[place])
        assert (await documents.held(tx, [stranger], an, "/attachment")).pointer == "/attachment"


async def test_a_document_that_a_command_names_is_not_dropped_under_it(room):
    document_id = UUID((await upload(room, PDF, sub="an")).json()["document_id"])
    async with room.database.transaction(NO_CAUSE) as tx:
        await documents.held(tx, [document_id], Caller("an", frozenset(OWN)), "/attachment")
        async with room.database.pool.acquire() as other:
            locked = await other.fetch("SELECT 1 FROM document FOR UPDATE SKIP LOCKED")
        assert locked == []


async def test_a_dropped_document_is_gone_with_its_content_and_says_so_to_who_reads_it(room):
    kept, other = [UUID((await upload(room, PDF * 9000)).json()["document_id"]) for _ in range(2)]
    reading = documents.read(room.database.pool, kept)
    assert len(await anext(reading)) == documents.PART_BYTES
    async with room.database.transaction(NO_CAUSE) as tx:
        await documents.drop(tx, [kept, uuid4()])
    with pytest.raises(documents.DocumentGone):
        await anext(reading)
    with pytest.raises(documents.DocumentGone):
        await content_of(room, str(kept))
    assert await documents.find(room.database.pool, kept, Sight()) is None
    assert await content_of(room, str(other)) == PDF * 9000

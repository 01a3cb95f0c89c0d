"""Nobody takes more than a fair part of the uploads, a brand's documents are that brand's, and unused ones go."""

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.support.samples import PDF, upload
from tests.support.waiting import is_true, until

from chassis import documents
from chassis.caller import Caller
from chassis.deliver import NO_CAUSE
from chassis.http.uploads import MOST_UPLOADS, MOST_UPLOADS_EACH, UPLOADS
from chassis.transact import Refusal

OWN = ("documents:read", "documents:write")
ALL = (*OWN, "files:all")
WEEK = timedelta(days=7)
MIDNIGHT_IN_SECONDS = 15 * 3600
"""From the morning of the room's clock."""


@asynccontextmanager
async def trickling(room, number, **by):
    """So many uploads in progress; they end well at the end."""
    go = asyncio.Event()

    async def pieces():
        yield PDF
        await go.wait()

    before = UPLOADS.total()
    going = [asyncio.create_task(upload(room, pieces(), **by)) for _ in range(number)]
    await until(is_true(lambda: UPLOADS.total() == before + number), f"{number} uploads")
    yield
    go.set()
    assert [answer.status_code for answer in await asyncio.gather(*going)] == [201] * number
    assert UPLOADS.total() == before


@pytest.fixture
def small_quota(room):
    """The toy where one owner may bring three and a half invoices a day."""
    settings = room.app.state.settings
    room.app.state.settings = settings.model_copy(update={"document_bytes_daily": len(PDF) * 7 // 2})
    yield
    room.app.state.settings = settings


@pytest.mark.requirement("REG-16", "REG-19")
async def test_one_caller_has_two_uploads_at_once_and_the_others_go_on(room):
    async with trickling(room, MOST_UPLOADS_EACH, sub="greedy", scopes=OWN):
        refused = await upload(room, PDF, sub="greedy", scopes=OWN)
        assert (refused.status_code, refused.json()["code"]) == (503, "try-again-later")
        assert refused.headers["Retry-After"] == "5"
        assert (await upload(room, PDF, sub="modest", scopes=OWN)).status_code == 201
    assert (await upload(room, PDF, sub="greedy", scopes=OWN)).status_code == 201


async def test_a_server_that_speaks_for_many_takes_what_is_free_and_no_more(room):
    async with trickling(room, MOST_UPLOADS, sub="gateway", scopes=ALL):
        assert (await upload(room, PDF, sub="gateway", scopes=ALL)).status_code == 503


@pytest.mark.requirement("REG-16", "REG-19")
@pytest.mark.parametrize("language", ["en", "fr", "nl"])
async def test_one_owner_brings_so_many_bytes_a_day_and_is_told_when_to_go_on(room, small_quota, language):
    by = {"sub": "ann", "scopes": OWN}
    keys = [uuid4().hex for _ in range(3)]
    assert [(await upload(room, PDF, key=key, **by)).status_code for key in keys] == [201] * 3
    refused = await upload(room, PDF, language=language, **by)
    assert (refused.status_code, refused.json()["code"]) == (429, "document-quota-used")
    assert refused.headers["Retry-After"] == str(MIDNIGHT_IN_SECONDS)
    assert all(said in refused.json()["detail"] for said in (str(len(PDF) * 7 // 2), "2026-11-22"))
    assert (await upload(room, PDF[: len(PDF) // 2], **by)).status_code == 201
    again = await upload(room, PDF, key=keys[0], **by)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    room.clock.advance(timedelta(seconds=MIDNIGHT_IN_SECONDS - 1))
    assert (await upload(room, PDF, **by)).status_code == 429
    room.clock.advance(timedelta(seconds=1))
    assert (await upload(room, PDF, **by)).status_code == 201


async def test_the_bytes_of_one_owner_are_not_anothers_and_servers_have_no_limit(room, small_quota):
    for by in [{"sub": "ann", "scopes": OWN}, {"sub": "bo", "scopes": OWN}]:
        assert [(await upload(room, PDF, **by)).status_code for _ in range(3)] == [201] * 3
    assert [(await upload(room, PDF, sub="gateway", scopes=ALL)).status_code for _ in range(9)] == [201] * 9


@pytest.mark.requirement("REG-06", "POL-01")
async def test_a_token_of_one_brand_sees_documents_of_that_brand_or_of_none(room):
    # an account's documents have the brand of its token; a server's that serves every brand have none
    kept = {}
    for brand in ("acme", "dynabook", None):
        answer = await upload(room, PDF, sub=f"maker of {brand}", scopes=OWN, **({"brand": brand} if brand else {}))
        kept[brand] = answer.json()["document_id"]
    for own, shown in (("acme", ["acme", None]), ("dynabook", ["dynabook", None]), (None, ["acme", "dynabook", None])):
        claims = {"brand": own} if own else {}
        answers = {
            brand: await room.get(f"/documents/{kept[brand]}", scopes=ALL, claims={"sub": "gateway", **claims})
            for brand in kept
        }
        assert [brand for brand, answer in answers.items() if answer.status_code == 200] == shown
        by = Caller("gateway", frozenset(ALL), brand=own)
        async with room.database.transaction(NO_CAUSE) as tx:
            held = {brand: await documents.held(tx, [UUID(kept[brand])], by, "/attachment") for brand in kept}
        assert [brand for brand, found in held.items() if not isinstance(found, Refusal)] == shown


async def kept_ids(room) -> set[UUID]:
    return {row["document_id"] for row in await room.database.pool.fetch("SELECT document_id FROM document")}


async def drop_unused(room, used) -> int:
    query = f"SELECT unnest('{{{','.join(map(str, used))}}}'::uuid[]) UNION ALL SELECT NULL"
    async with room.database.transaction(NO_CAUSE) as tx:
        return await documents.drop_unused(tx, WEEK, query)


async def test_what_nothing_refers_to_goes_after_its_age_and_not_before(room):
    old = [UUID((await upload(room, PDF)).json()["document_id"]) for _ in range(3)]
    room.clock.advance(WEEK)
    assert await drop_unused(room, []) == 0
    young = UUID((await upload(room, PDF)).json()["document_id"])
    room.clock.advance(timedelta(microseconds=1))
    assert await drop_unused(room, old[:2]) == 1
    assert await kept_ids(room) == {*old[:2], young}
    assert await room.database.pool.fetchval("SELECT count(*) FROM document_part") == 3


async def test_however_many_there_are_they_go_some_at_a_time(room):
    count = 2 * documents.AT_ONCE + 1
    await room.database.pool.execute(
        "INSERT INTO document SELECT gen_random_uuid(), 'ann', NULL, NULL, 'a', 'text/csv', 1, '', $2"
        " FROM generate_series(1, $1)",
        count,
        room.clock.now(),
    )
    room.clock.advance(2 * WEEK)
    assert [await drop_unused(room, []) for _ in range(4)] == [documents.AT_ONCE, documents.AT_ONCE, 1, 0]


async def test_what_a_command_names_at_this_moment_is_left_alone(room):
    named = UUID((await upload(room, PDF, sub="an", scopes=OWN)).json()["document_id"])
    room.clock.advance(2 * WEEK)
    async with room.database.transaction(NO_CAUSE) as tx:
        await documents.held(tx, [named], Caller("an", frozenset(OWN)), "/attachment")
        assert await asyncio.wait_for(drop_unused(room, []), 5) == 0
    assert await drop_unused(room, []) == 1


async def test_a_file_that_has_arrived_is_written_though_no_thread_of_the_process_is_free(room):
    loop, free = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    busy = loop.run_in_executor(None, free.wait)
    async with room.database.transaction(NO_CAUSE) as tx:
        told = {"name": "a.pdf", "media_type": "application/pdf", "sha256": b"found before"}
        writing = documents.keep(tx, io.BytesIO(PDF * 9000), by=Caller("an", frozenset(OWN)), **told)
        document = await asyncio.wait_for(writing, 5)
    free.set()
    await busy
    loop.set_default_executor(ThreadPoolExecutor())
    assert (document.size_bytes, await kept_ids(room)) == (len(PDF) * 9000, {document.document_id})

"""Migrations happen once, from however many places, and after a death in the middle."""

import asyncio
from uuid import uuid4

import asyncpg
import psycopg
import pytest

from chassis.database import MIGRATION_LOCK, Cause, Database, migrate, open_pool

TABLES = {"outbox", "inbox", "idempotency", "timer", "dead_letter", "invoice", "effect", "reminder", "poison"}


@pytest.fixture
def empty(postgres) -> str:
    """The address of a database with nothing in it."""
    return postgres.ensure_database(f"empty_{uuid4().hex[:8]}", "pw")


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_migrating_makes_the_tables_of_the_chassis_and_of_the_service_once(empty):
    assert migrate(empty, "tests.support.toy") == ["0000_chassis", "0001_documents", "0001_toy"]
    assert tables(empty) >= TABLES
    assert migrate(empty, "tests.support.toy") == []


async def test_several_places_may_migrate_at_once(empty):
    done = await asyncio.gather(*(asyncio.to_thread(migrate, empty, "tests.support.toy") for _ in range(4)))
    assert sorted(name for names in done for name in names) == ["0000_chassis", "0001_documents", "0001_toy"]


async def test_a_migration_that_died_holding_its_lock_does_not_keep_the_next_one_out(empty):
    holder = await asyncpg.connect(empty)
    await holder.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
    waiting = asyncio.create_task(asyncio.to_thread(migrate, empty, "tests.support.toy"))
    await asyncio.wait({waiting}, timeout=0.3)
    assert not waiting.done()
    holder.terminate()
    assert await asyncio.wait_for(waiting, 10) == ["0000_chassis", "0001_documents", "0001_toy"]


async def test_a_transaction_ends_with_its_block_and_an_error_undoes_it(room):
    async with room.database.transaction(Cause("s")) as tx:
        await tx.execute("INSERT INTO poison VALUES ('KEPT')")
        assert tx.now == room.clock.now()
        assert (await tx.fetchrow("SELECT * FROM poison"))["serial"] == "KEPT"
        await tx.executemany("INSERT INTO poison VALUES ($1)", [["TWO"], ["THREE"]])
    with pytest.raises(ZeroDivisionError):
        await undone(room.database)
    rows = await room.database.pool.fetch("SELECT serial FROM poison ORDER BY serial")
    assert [row["serial"] for row in rows] == ["KEPT", "THREE", "TWO"]


async def undone(database: Database) -> None:
    async with database.transaction(Cause("s")) as tx:
        await tx.execute("INSERT INTO poison VALUES ('UNDONE')")
        raise ZeroDivisionError


async def test_a_stuck_statement_a_held_lock_and_a_forgotten_transaction_end_by_themselves(postgres, empty):
    pool = await open_pool(empty, 2, "test")
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert {await pool.fetchval(f"SHOW {name}") for name in limits} <= {"30s", "10s"}
    await pool.close()

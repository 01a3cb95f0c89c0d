"""A broken world is waited out in place; nothing is set aside for it and nothing is acknowledged before its time."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from tests.support.toy import note_return
from tests.support.toy.returns import effects, letters, story
from tests.support.waiting import until

from chassis.database import is_transient
from chassis.dead_letters import DeadLetterLimit
from chassis.deliver import Delivery, Stopped
from chassis.routes import Routes, on
from event_schemas.tickets import ReturnAccepted


def delivery_to(room, deed, stop: asyncio.Event | None = None) -> Delivery:
    return Delivery(room.database, Routes([on(ReturnAccepted, deed)]), DeadLetterLimit(1), stop or asyncio.Event())


@pytest.mark.requirement("ALL-02")
async def test_a_connection_that_is_cut_in_the_middle_of_a_deed_is_waited_out_and_the_deed_done_once(room):
    cuts = iter([True, True, False, False, False])

    async def cut_off(event, tx):
        fact = await note_return(event, tx)
        if next(cuts):
            own = await tx.fetchval("SELECT pg_backend_pid()")
            await room.database.pool.execute("SELECT pg_terminate_backend($1)", own)
            await tx.fetchval("SELECT 1")
        return fact

    await delivery_to(room, cut_off).take(story([(1, 1), (1, 2), (2, 1)]))
    assert await effects(room.database.pool) == [(1, 1), (1, 2), (2, 1)]
    assert await letters(room.database.pool) == []
    assert len(await room.said()) == 3


@pytest.mark.requirement("ALL-02")
async def test_a_connection_that_dies_between_two_statements_of_a_deed_is_waited_out_too(room):
    cuts = iter([True, False])

    async def dawdle(event, tx):
        if next(cuts):
            own = await tx.fetchval("SELECT pg_backend_pid()")
            await room.database.pool.execute("SELECT pg_terminate_backend($1)", own)

            async def noticed():
                with suppress(asyncpg.InterfaceError):
                    return tx.connection.is_closed()
                return True

            await until(noticed, "the end of the connection")
        return await note_return(event, tx)

    await delivery_to(room, dawdle).take(story([(1, 1)]))
    assert await effects(room.database.pool) == [(1, 1)]
    assert await letters(room.database.pool) == []


@pytest.mark.requirement("ALL-02")
async def test_a_deadlock_between_two_consumers_is_waited_out(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('A'), ('B')")
    both_hold_one, meetings = asyncio.Barrier(2), iter([True] * 2 + [False] * 9)

    def locking(first, second):
        async def lock_both(event, tx):
            await tx.execute("SELECT FROM poison WHERE serial = $1 FOR UPDATE", first)
            if next(meetings):
                await both_hold_one.wait()
            await tx.execute("SELECT FROM poison WHERE serial = $1 FOR UPDATE", second)
            return await note_return(event, tx)

        return lock_both

    one, two = story([(1, 1), (2, 1)])
    await asyncio.gather(
        delivery_to(room, locking("A", "B")).take([one]), delivery_to(room, locking("B", "A")).take([two])
    )
    assert sorted(await effects(room.database.pool)) == [(1, 1), (2, 1)]
    assert await letters(room.database.pool) == []


@pytest.mark.requirement("ALL-02")
async def test_a_database_that_stops_at_once_and_starts_again_finds_the_consumer_waiting(mortal_room):
    room, server = mortal_room
    began = asyncio.Event()

    async def in_a_crash(event, tx):
        fact = await note_return(event, tx)
        if not began.is_set():
            began.set()
            while True:  # until the server's death ends it
                await tx.fetchval("SELECT pg_sleep(0.05)")
        return fact

    taking = asyncio.create_task(delivery_to(room, in_a_crash).take(story([(1, 1), (2, 1), (1, 2)])))
    await began.wait()
    await asyncio.to_thread(server.stop_immediately)
    assert not taking.done()
    await asyncio.to_thread(server.start)
    await asyncio.wait_for(taking, 20)
    assert await effects(room.database.pool) == [(1, 1), (2, 1), (1, 2)]
    assert await letters(room.database.pool) == []
    assert len(await room.said()) == 3


@pytest.mark.requirement("ALL-02")
async def test_a_stop_during_a_wait_raises_stopped_and_leaves_nothing(mortal_room):
    room, server = mortal_room
    stop = asyncio.Event()
    await asyncio.to_thread(server.stop_immediately)
    taking = asyncio.create_task(delivery_to(room, note_return, stop).take(story([(1, 1)])))
    await asyncio.wait({taking}, timeout=0.3)
    assert not taking.done(), "without a stop it waits"
    stop.set()
    with pytest.raises(Stopped):
        await asyncio.wait_for(taking, 5)
    await asyncio.to_thread(server.start)
    assert await effects(room.database.pool) == []
    assert await room.database.pool.fetchval("SELECT count(*) FROM inbox") == 0


async def test_a_lock_that_another_holds_too_long_is_waited_out(room):
    async with room.database.pool.acquire() as other, other.transaction():
        await other.execute("INSERT INTO poison VALUES ('HELD')")
        tries = []

        async def want_the_same(event, tx):
            tries.append(event)
            await tx.execute("SET LOCAL lock_timeout = '50ms'")
            await tx.execute("INSERT INTO poison VALUES ('HELD')")
            return await note_return(event, tx)

        taking = asyncio.create_task(delivery_to(room, want_the_same).take(story([(1, 1)])))

        async def tried_twice():
            return len(tries) >= 2

        await until(tried_twice, "a second try")
        await other.execute("DELETE FROM poison")
    await taking
    assert await effects(room.database.pool) == [(1, 1)]


@pytest.mark.requirement("ALL-02")
async def test_a_migration_under_a_running_worker_sets_nothing_aside(room):
    delivery = room.delivery()
    await delivery.take(story([(1, 1)]))
    await room.database.pool.execute("ALTER TABLE poison ALTER COLUMN serial TYPE varchar(80)")

    async def read_all(event, tx):
        await tx.fetch("SELECT * FROM poison")
        return await note_return(event, tx)

    reading = delivery_to(room, read_all)
    first, second, third = story([(2, 1), (2, 2), (2, 3)])
    await reading.take([first])
    await room.database.pool.execute("ALTER TABLE poison ADD COLUMN reason text")
    try:
        await reading.take([second, third])
    finally:
        await room.database.pool.execute("ALTER TABLE poison DROP COLUMN reason")
    assert await effects(room.database.pool) == [(1, 1), (2, 1), (2, 2), (2, 3)]
    assert await letters(room.database.pool) == []


async def error_of(room, *statements: str) -> BaseException:
    async with room.database.pool.acquire() as connection:
        try:
            for statement in statements:
                await connection.execute(statement)
        except asyncpg.PostgresError as error:
            return error
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.execute("ROLLBACK")
                await connection.execute("RESET ALL")
    raise AssertionError(f"{statements} did not fail")


@pytest.mark.parametrize(
    ("statements", "passes"),
    [
        (("SET statement_timeout = 20", "SELECT pg_sleep(1)"), True),
        (("BEGIN READ ONLY", "DELETE FROM poison"), True),
        (("SELECT pg_terminate_backend(pg_backend_pid())",), True),
        (("INSERT INTO poison VALUES ('A'), ('A')",), False),
        (("SELECT 1/0",), False),
        (("SELECT * FROM nowhere",), False),
        (("INSERT INTO poison VALUES (NULL)",), False),
    ],
)
async def test_only_what_may_pass_by_itself_is_waited_out(room, statements, passes):
    assert is_transient(await error_of(room, *statements)) is passes


def test_a_missing_file_of_the_program_is_no_weather(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "nothing").read_text()
    assert not is_transient(missing.value)
    assert is_transient(ConnectionRefusedError())
    assert is_transient(OSError(28, "No space left on device"))
    assert is_transient(PermissionError(1, "Operation not permitted")), "a firewall says so when it refuses to connect"
    assert not is_transient(asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"))

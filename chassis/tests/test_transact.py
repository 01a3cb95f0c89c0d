"""One command, one transaction, one answer: also under the same key, at the same time, and when it is refused."""

import asyncio
from collections import Counter
from uuid import uuid4

import asyncpg
import pytest
from tests.support.rooms import Room
from tests.support.tokens import signed_token
from tests.support.toy import Invoice, RecordInvoice, record_invoice

from chassis.database import Cause, Tx
from chassis.http.commands import LONGEST_KEY
from chassis.idempotency import KEPT_FOR, Answer, CommandKey, InFlight, KeyReused, forget_old, keep
from chassis.transact import Accepted, Refusal, transact
from event_schemas.credits import InvoiceRecorded

ACME = {"brand": "acme", "serial": "S-1", "number": 7}
COMMAND = RecordInvoice(**ACME)
OTHER = RecordInvoice(**{**ACME, "serial": "S-2"})
CAUSE = Cause("story-1")


def key_of(name: str, fingerprint: bytes = b"same") -> CommandKey:
    return CommandKey("gateway", name, fingerprint)


async def count(room: Room, table: str) -> int:
    return await room.database.pool.fetchval(f"SELECT count(*) FROM {table}")


@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_an_accepted_command_leaves_its_row_its_fact_and_its_answer_together(room):
    answer = await room.post("/invoices", ACME)
    assert answer.status_code == 201
    assert answer.json()["serial"] == "S-1"
    assert "Idempotency-Replayed" not in answer.headers
    assert await count(room, "invoice") == await count(room, "idempotency") == 1
    [fact] = await room.said()
    assert isinstance(fact, InvoiceRecorded)
    assert str(fact.invoice_id) == answer.json()["invoice_id"]


@pytest.mark.requirement("ALL-01")
async def test_the_same_key_and_body_give_the_same_answer_and_no_second_effect(room):
    first = await room.post("/invoices", ACME, key="order-1")
    again = await room.post("/invoices", ACME, key="order-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await count(room, "invoice") == await count(room, "outbox") == 1


@pytest.mark.requirement("ALL-01")
async def test_another_body_under_a_used_key_is_refused_and_changes_nothing(room):
    await room.post("/invoices", ACME, key="order-1")
    other = await room.post("/invoices", {**ACME, "serial": "S-2"}, key="order-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert other.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert await count(room, "invoice") == 1


@pytest.mark.requirement("ALL-01")
async def test_a_key_belongs_to_its_caller(room):
    for subject, serial in (("gateway", "S-1"), ("dealer", "S-2")):
        headers = {"Authorization": f"Bearer {signed_token(room.key, sub=subject)}", "Idempotency-Key": "order-1"}
        answer = await room.client.post("/invoices", json={**ACME, "serial": serial}, headers=headers)
        assert answer.status_code == 201, answer.text
    assert await count(room, "invoice") == 2


@pytest.mark.requirement("ALL-01")
async def test_a_repetition_while_the_first_is_being_decided_is_told_to_come_back(room):
    deciding, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        deciding.set()
        await go_on.wait()
        return await record_invoice(command, tx)

    first = asyncio.create_task(transact(room.database, slowly, COMMAND, key_of("a"), CAUSE))
    await deciding.wait()
    with pytest.raises(InFlight):
        await transact(room.database, record_invoice, COMMAND, key_of("a"), CAUSE)
    go_on.set()
    assert (await first).status == 201
    assert (await transact(room.database, record_invoice, COMMAND, key_of("a"), CAUSE)).replayed


@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_twenty_parallel_requests_under_one_key_have_one_effect(room):
    answers = await asyncio.gather(*(room.post("/invoices", ACME, key="order-1") for _ in range(20)))
    seen = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert set(seen) <= {(201, None), (409, "idempotency-key-in-flight")}
    assert seen[201, None] >= 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    in_flight = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.headers["Retry-After"] == "1" for answer in in_flight)
    assert await count(room, "invoice") == await count(room, "outbox") == 1


@pytest.mark.parametrize("second_is_refused", [True, False])
@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_a_repetition_that_looked_just_before_its_first_run_committed_gets_that_run_s_answer(
    room, second_is_refused
):
    first_answer = Answer(201, b'{"first": true}')
    runs = Counter()

    async def after_the_first_commits(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        runs["second"] += 1
        async with room.database.transaction(CAUSE) as first:  # what the statement's snapshot did not show yet
            await record_invoice(command, first)
            await keep(first, key_of("a"), first_answer, [])
        return await record_invoice(command if second_is_refused else OTHER, tx)

    answer = await transact(room.database, after_the_first_commits, COMMAND, key_of("a"), CAUSE)
    assert (answer.body, answer.replayed, runs["second"]) == (first_answer.body, True, 1)
    assert await count(room, "invoice") == 1


@pytest.mark.requirement("ALL-01", "ALL-02")
async def test_a_refused_command_leaves_no_row_no_fact_and_no_kept_answer(room):
    async def change_and_refuse(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        await record_invoice(command, tx)
        return Refusal("already-invoiced")

    outcome = await transact(room.database, change_and_refuse, COMMAND, key_of("a"), CAUSE)
    assert outcome == Refusal("already-invoiced")
    assert [await count(room, table) for table in ("invoice", "outbox", "idempotency")] == [0, 0, 0]
    assert isinstance(await transact(room.database, record_invoice, COMMAND, key_of("a"), CAUSE), Answer)


async def test_a_deadlock_is_decided_again_until_both_commands_are_done(room):
    await room.database.pool.execute("INSERT INTO poison VALUES ('A'), ('B')")
    at_the_second = asyncio.Barrier(2)
    tries = Counter()

    def locking(first: str, second: str):
        async def decide(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
            tries[first] += 1
            await tx.execute("SELECT FROM poison WHERE serial = $1 FOR UPDATE", first)
            if tries[first] == 1:
                await at_the_second.wait()
            await tx.execute("SELECT FROM poison WHERE serial = $1 FOR UPDATE", second)
            return await record_invoice(command, tx)

        return decide

    one, two = COMMAND.model_copy(update={"serial": "D-1"}), COMMAND.model_copy(update={"serial": "D-2"})
    outcomes = await asyncio.gather(
        transact(room.database, locking("A", "B"), one, key_of("1"), CAUSE),
        transact(room.database, locking("B", "A"), two, key_of("2"), CAUSE),
    )
    assert [outcome.status for outcome in outcomes] == [201, 201]
    assert sum(tries.values()) == 3, "one of the two was the victim and was decided again"
    assert await count(room, "invoice") == await count(room, "outbox") == 2


async def test_a_unique_violation_that_no_handler_foresaw_is_raised_after_three_attempts(room):
    tries = Counter()

    async def clumsily(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        tries["all"] += 1
        await tx.execute("INSERT INTO poison VALUES ('A'), ('A')")
        raise AssertionError("unreachable")

    with pytest.raises(asyncpg.UniqueViolationError):
        await transact(room.database, clumsily, COMMAND, key_of("a"), CAUSE)
    assert tries["all"] == 3


@pytest.mark.requirement("ALL-02")
@pytest.mark.parametrize(("victim", "done"), [(7, True), (8, False)])
async def test_whoever_is_the_victim_of_deadlocks_is_decided_up_to_eight_times(room, victim, done):
    tries = 0

    async def unlucky(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        nonlocal tries
        tries += 1
        if tries <= victim:
            await tx.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$")
        return await record_invoice(command, tx)

    if done:
        await transact(room.database, unlucky, COMMAND, key_of("unlucky"), CAUSE)
    else:
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await transact(room.database, unlucky, COMMAND, key_of("unlucky"), CAUSE)
    assert (tries, await count(room, "invoice")) == (8, int(done))


@pytest.mark.requirement("ALL-02")
async def test_a_fact_too_large_for_kafka_is_refused_with_413_and_leaves_nothing(room):
    answer = await room.post("/invoices", {**ACME, "text": "x" * 900_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "facts-too-large")
    assert "900000" in answer.json()["detail"]
    assert [await count(room, table) for table in ("invoice", "outbox", "idempotency")] == [0, 0, 0]


@pytest.mark.requirement("ALL-02")
async def test_a_decision_that_breaks_leaves_nothing(room):
    async def break_down(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        await record_invoice(command, tx)
        raise RuntimeError("the ceiling came down")

    with pytest.raises(RuntimeError):
        await transact(room.database, break_down, COMMAND, key_of("a"), CAUSE)
    assert [await count(room, table) for table in ("invoice", "outbox", "idempotency")] == [0, 0, 0]


async def test_several_facts_of_one_command_are_said_in_their_order(room):
    async def say_three(command: RecordInvoice, tx: Tx) -> Accepted | Refusal:
        done = await record_invoice(command, tx)
        assert isinstance(done, Accepted)
        facts = [done.facts.model_copy(update={"invoice_number": str(number)}) for number in (1, 2, 3)]
        return Accepted(Invoice(invoice_id=uuid4(), serial="S-1"), facts)

    await transact(room.database, say_three, COMMAND, key_of("a"), CAUSE)
    assert [fact.invoice_number for fact in await room.said()] == ["1", "2", "3"]


async def test_kept_answers_are_forgotten_after_seven_days_and_not_before(room):
    await room.post("/invoices", ACME, key="order-1")
    await forget_old(room.database, room.clock.now() + KEPT_FOR)
    assert await count(room, "idempotency") == 1
    await forget_old(room.database, room.clock.now() + 1.001 * KEPT_FOR)
    assert await count(room, "idempotency") == 0


async def test_another_fingerprint_is_refused_even_when_the_operation_differs_only_by_its_address(room):
    await transact(room.database, record_invoice, COMMAND, key_of("a", b"/invoices"), CAUSE)
    with pytest.raises(KeyReused):
        await transact(room.database, record_invoice, COMMAND, key_of("a", b"/credits"), CAUSE)


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency-key-missing"), ("", "idempotency-key-missing"), ("k" * 256, "idempotency-key-too-long")],
)
@pytest.mark.requirement("ALL-01")
async def test_a_command_needs_a_key_of_at_most_255_characters(room, key, code):
    headers = {"Authorization": f"Bearer {signed_token(room.key)}", **({} if key is None else {"Idempotency-Key": key})}
    answer = await room.client.post("/invoices", json=ACME, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert await count(room, "invoice") == 0


async def test_a_key_of_255_characters_is_accepted(room):
    assert (await room.post("/invoices", ACME, key="k" * LONGEST_KEY)).status_code == 201

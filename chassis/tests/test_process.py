"""A service as a process: it starts, says how it is, logs what belongs together, and stops when it is told to."""

import asyncio
import json
import os
import signal
import socket
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey
from tests.support.child import Child
from tests.support.records import with_header
from tests.support.tokens import signed_token, write_keys
from tests.support.topics import make_topic, publish, read
from tests.support.toy import TOY
from tests.support.toy.returns import effects, story
from tests.support.waiting import until

from chassis.codec import Record
from chassis.main import main

ACME = {"brand": "acme", "serial": "S-1", "number": 7}


class Whole:
    """The toy with all its parts in one process, and the topics that it needs."""

    def __init__(self, child: Child, key: ECKey, prefix: str, bootstrap: str) -> None:
        self.child, self.key, self.prefix, self.bootstrap = child, key, prefix, bootstrap
        self.base = f"http://127.0.0.1:{child.port}"

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {signed_token(self.key)}", "Idempotency-Key": uuid4().hex, **more}

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.child.log.read_text().splitlines()]


@pytest.fixture
async def whole(room, own_kafka, toy_process, tmp_path) -> Whole:
    prefix, key = f"p{uuid4().hex[:8]}-", ECKey.generate_key("P-256", {"kid": "test"})
    for topic in ("tickets", "credits", "credits-dlq"):
        await make_topic(own_kafka.bootstrap, prefix + topic)
    write_keys(key, tmp_path / "keys.json")
    told = {"TOPIC_PREFIX": prefix, "RUNNER": "plain", "TOKEN_KEYS": str(tmp_path / "keys.json")}
    return Whole(toy_process(room, own_kafka.bootstrap, "all", **told), key, prefix, own_kafka.bootstrap)


@pytest.fixture
async def client():
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


async def counted(whole: Whole, client: httpx.AsyncClient) -> bool:
    """Whether the metrics tell of one command, one event, one dead letter and its copy."""
    text = (await client.get(f"{whole.base}/metrics")).text
    expected = (
        'aftercare_commands_total{operation="post_invoice",outcome="accepted"} 1.0',
        f'aftercare_events_total{{outcome="applied",topic="{whole.prefix}tickets"}} 1.0',
        f'aftercare_dead_letters_total{{error_class="Undecodable",topic="{whole.prefix}tickets"}} 1.0',
        f'aftercare_relayed_total{{topic="{whole.prefix}credits-dlq"}} 1.0',
    )
    return all(line in text for line in expected)


@pytest.mark.requirement("ALL-01", "ALL-02", "ALL-04", "OPS-01")
async def test_one_process_takes_commands_says_facts_hears_others_and_tells_how_it_is(whole, room, client):
    whole.child.start()
    await whole.child.ready(client)
    accepted = await client.post(
        f"{whole.base}/invoices", json=ACME, headers=whole.headers(**{"X-Request-Id": "story-1"})
    )
    assert accepted.status_code == 201
    [fact] = await read(whole.bootstrap, f"{whole.prefix}credits", 1)
    assert (fact.header("ce_type"), fact.header("ce_correlationid")) == ("invoice.recorded.v1", "story-1")
    good, other = story([(1, 1), (2, 1)])
    records = [
        Record(good.topic, 0, 0, good.key, with_header(good.headers, "ce_correlationid", b"story-2"), good.value),
        Record(other.topic, 0, 0, other.key, with_header(other.headers, "ce_correlationid", b"story-3"), b"{"),
    ]
    await publish(whole.bootstrap, f"{whole.prefix}tickets", records)
    [dead] = await read(whole.bootstrap, f"{whole.prefix}credits-dlq", 1)
    assert (dead.header("dlq_error_class"), dead.header("ce_correlationid")) == ("Undecodable", "story-3")

    async def applied():
        return await effects(room.database.pool)

    assert await until(applied, "the effect") == [(1, 1)]
    ready = await client.get(f"{whole.base}/readyz")
    assert ready.json() == {
        "status": "ready",
        "parts": {"database": "ready", "worker": "ready", "relay": "ready"},
    }
    await until(lambda: counted(whole, client), "the counters")
    await whole.child.end()
    [noted] = [line for line in whole.lines() if line["event"] == "return noted"]
    assert (noted["correlation_id"], noted["service"], noted["process"]) == ("story-2", "credits", "all")
    [set_aside] = [line for line in whole.lines() if line["event"] == "dead letter"]
    assert (set_aside["correlation_id"], set_aside["level"]) == ("story-3", "error")


async def ended(child: Child) -> int:
    async def died():
        return child.died()

    await until(died, "the end of the process")
    return child.deaths[-1]


async def test_a_signal_ends_the_process_soon_and_well(whole, client):
    whole.child.start()
    await whole.child.ready(client)
    os.kill(whole.child.pid, signal.SIGTERM)
    assert await ended(whole.child) == 0
    assert "Traceback" not in whole.child.log.read_text()
    assert not [line for line in whole.lines() if line["level"] in ("error", "critical")]


async def test_a_body_of_ten_megabytes_is_answered_by_the_server_that_goes_on_serving(whole, client):
    whole.child.start()
    await whole.child.ready(client)
    reader, writer = await asyncio.open_connection("127.0.0.1", whole.child.port)
    writer.write(
        b"POST /invoices HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
    )
    await writer.drain()
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413"), "answered before a byte of the body was sent"
    assert (await client.get(f"{whole.base}/livez")).status_code == 200


async def test_a_process_whose_port_is_taken_ends_with_an_error(whole):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", whole.child.port))
        taken.listen()
        whole.child.start()
        assert await ended(whole.child) != 0
    assert "address already in use" in whole.child.log.read_text()


async def test_without_its_database_a_process_is_alive_and_not_ready_and_says_why(
    mortal_room, own_kafka, toy_process, client
):
    room, server = mortal_room
    child = toy_process(room, own_kafka.bootstrap, "relay")
    child.start()
    await child.ready(client)
    await asyncio.to_thread(server.stop_immediately)
    answer = await client.get(f"http://127.0.0.1:{child.port}/readyz")
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["parts"]["database"]
    assert (await client.get(f"http://127.0.0.1:{child.port}/livez")).status_code == 200
    await asyncio.to_thread(server.start)
    await child.ready(client)
    assert not child.died(), "it waited"


async def test_an_api_works_without_kafka(room, toy_process, tmp_path, client):
    key = ECKey.generate_key("P-256", {"kid": "test"})
    write_keys(key, tmp_path / "keys.json")
    child = toy_process(room, "127.0.0.1:9", "api", TOKEN_KEYS=str(tmp_path / "keys.json"))
    child.start()
    await child.ready(client)
    headers = {"Authorization": f"Bearer {signed_token(key)}", "Idempotency-Key": "k"}
    answer = await client.post(f"http://127.0.0.1:{child.port}/invoices", json=ACME, headers=headers)
    assert answer.status_code == 201
    assert await room.database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_a_process_whose_broker_is_away_waits_says_so_and_stops_when_told(room, toy_process, client):
    async def waits_and_stops(command: str, runner: str) -> None:
        child = toy_process(room, "127.0.0.1:9", command, RUNNER=runner)
        child.start()

        async def waits():
            try:
                answer = await client.get(f"http://127.0.0.1:{child.port}/readyz")
            except httpx.HTTPError:
                return False
            return answer.status_code == 503 and "waiting for Kafka" in answer.text

        await until(waits, "the cause")
        os.kill(child.pid, signal.SIGTERM)
        assert await ended(child) == 0

    cases = [("worker", "faust"), ("worker", "plain"), ("relay", "faust")]
    await asyncio.gather(*(waits_and_stops(*case) for case in cases))


@pytest.mark.requirement("POL-01")
async def test_an_invalid_policy_stops_the_start_with_file_field_and_reason(room, toy_process, tmp_path):
    folder = tmp_path / "tests.support.toy"
    folder.mkdir()
    (folder / "acme.toml").write_text('brand = "acme"\nversion = 7\n')
    child = toy_process(room, "127.0.0.1:9", "worker", POLICIES=str(tmp_path))
    child.start()
    assert await ended(child) == 1
    written = child.log.read_text()
    assert "credits does not start, a policy is invalid" in written
    assert "acme.toml: version: Input should be a valid string (got 7)" in written


async def test_a_redrive_by_command_prints_what_became_of_the_letters(room, toy_process):
    await room.database.pool.execute("INSERT INTO poison VALUES ('BAD')")
    await room.delivery().take(story([(1, 1), (1, 2), (2, 1)], ["BAD", "S-1", "BAD"]))
    await room.database.pool.execute("DELETE FROM poison")
    child = toy_process(room, "127.0.0.1:9", "redrive")
    child.start()
    assert await ended(child) == 0
    assert "redriven: 3 applied, 0 failed again" in child.log.read_text()


def test_a_command_that_does_not_exist_is_answered_with_those_that_do(capsys):
    with pytest.raises(SystemExit) as ended:
        main(TOY, ["fly"])
    assert ended.value.code == 2
    assert "'api', 'worker', 'relay', 'all', 'migrate', 'redrive'" in capsys.readouterr().err


def test_a_fault_point_that_does_not_exist_is_refused():
    from chassis import faults

    with pytest.raises(ValueError, match="no fault point 'somewhere'; there are before-command-commit"):
        faults.arm("somewhere")

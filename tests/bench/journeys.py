"""How long a journey takes at half of the stack's own peak, and what the processes cost when nothing happens."""

import asyncio
import json
import random
import re
import time
from typing import Any, Final
from uuid import uuid4

import psutil
from tests.bench.rows import Row, median
from tests.support.stack import KafkaStack, PostgresStack
from tests.support.stack_of_services import SERVICES, Stack, running
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch
from event_schemas.topics import load_topics

PEAK_SECONDS: Final = 8.0
STEADY_SECONDS: Final = 15.0
WORKERS: Final = 8
IDLE_SECONDS: Final = 10.0
CUSTOMER: Final = {"name": "Bench", "email": "bench@example.org", "language": "en"}


async def measure(postgres: PostgresStack, kafka: KafkaStack, rounds: int) -> list[Row]:
    """Peak in a closed loop first, then arrivals at random times at half of it; `rounds` does not apply."""
    async with running(postgres, kafka) as stack:
        topics = [stack.topic(topic.topic) for topic in load_topics()]
        async with Watch(stack.bootstrap, topics) as watch:
            certificate = await ordered(stack)
            peak = await peak_of(stack, certificate)
            waits = await steady(stack, watch, certificate, peak / 2)
        idle = await idle_rows(stack)
    spread = sorted(waits)
    p50, p99 = spread[len(spread) // 2], spread[int(len(spread) * 0.99)]
    said = f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms ({len(spread)} journeys)"
    return [
        Row("registrations accepted at peak, all services running", f"{peak:,.0f} requests/s"),
        Row("journey, registration to ServiceActivated seen, at half of peak", said),
        *idle,
    ]


async def ordered(stack: Stack) -> str:
    """A certificate with more units than will be redeemed."""
    body = {
        "brand": "dynabook",
        "case_number": str(uuid4()),
        "service_reference": "PPCP013FR-VGAD",
        "quantity": 100_000,
    }
    answer = await stack.post("registration", "/orders", {**body, "buyer": CUSTOMER})
    assert answer.status_code == 201, answer.text
    url = f"http://127.0.0.1:{stack.mail_port}/api/mails"

    async def mailed() -> list[Any]:
        return list((await stack.client.get(url, params={"to": CUSTOMER["email"]})).json()["items"])

    link = re.search(r"\?certificate=([A-Z0-9]+)", (await until(mailed, "the certificate"))[0]["text"])
    assert link
    return link.group(1)


async def register(stack: Stack, certificate: str) -> str:
    """One registration; returns the serial number."""
    serial = f"{random.randrange(10**10):010d}"
    body = {
        "brand": "dynabook",
        "certificate": certificate,
        "serial": serial,
        "model": "PT5B1E-0K601",
        "purchased_on": stack.now().date().isoformat(),
        "customer": {**CUSTOMER, "email": f"{serial}@example.org"},
    }
    answer = await stack.post("registration", "/registrations", body)
    assert answer.status_code == 201, answer.text
    return serial


async def peak_of(stack: Stack, certificate: str) -> float:
    """Registrations a second with WORKERS callers that wait for nothing but the answer."""
    ends = time.monotonic() + PEAK_SECONDS

    async def call() -> int:
        done = 0
        while time.monotonic() < ends:
            await register(stack, certificate)
            done += 1
        return done

    return sum(await asyncio.gather(*(call() for _ in range(WORKERS)))) / PEAK_SECONDS


async def steady(stack: Stack, watch: Watch, certificate: str, per_second: float) -> list[float]:
    """Seconds from the intended start of each journey to its event; arrivals are a Poisson process."""
    await quiet(stack)
    journeys, moment = [], time.monotonic()
    ends = moment + STEADY_SECONDS
    while (moment := moment + random.expovariate(per_second)) < ends:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        journeys.append(asyncio.create_task(one_journey(stack, watch, certificate, moment)))
    return await asyncio.gather(*journeys)


async def one_journey(stack: Stack, watch: Watch, certificate: str, intended: float) -> float:
    serial = await register(stack, certificate)
    return (await watch.event("service.activated.v1", serial=serial)).at - intended


async def quiet(stack: Stack) -> None:
    """Until no mail is on its way any more: the backlog of the peak is worked off."""

    async def waiting() -> bool:
        answer = await stack.get("notifications", "/mails", state="queued", limit="1")
        return bool(json.loads(answer.text)["items"] == [])

    await until(waiting, "an empty queue of mails", 300)


async def idle_rows(stack: Stack) -> list[Row]:
    """Memory and processor time of each service when nothing is asked of it."""
    await quiet(stack)
    processes = {name: psutil.Process(stack.child(name, "all").pid) for name in SERVICES}
    before = {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
    await asyncio.sleep(IDLE_SECONDS)
    memory = {name: process.memory_info().rss / 2**20 for name, process in processes.items()}
    busy = {name: (sum(p.cpu_times()[:2]) - before[name]) / IDLE_SECONDS * 100 for name, p in processes.items()}
    each = ", ".join(f"{name} {memory[name]:.0f} MiB / {busy[name]:.1f} %" for name in SERVICES)
    typical = f"median {median(list(memory.values())):.0f} MiB, together {sum(busy.values()):.1f} % of one core"
    return [Row("process after the load: resident memory / idle CPU", f"{each}; {typical}")]

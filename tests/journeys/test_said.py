"""Everything that services say carries its brand and the version of the policy that was applied (POL-01)."""

import asyncio
import json
from contextlib import aclosing
from typing import Final

import pytest
from tests.journeys.brands import ADDED, EVERY
from tests.journeys.test_mails import whole_way
from tests.support.stack_of_services import Stack
from tests.support.topics import PATIENCE_SECONDS, ends

from aftercare_local.demo.watch import Watch
from chassis.codec import Record
from chassis.kafka.tail import follow
from event_schemas.topics import load_topics

MAIN_JOB: Final = {
    "order.confirmed.v1",
    "certificate.issued.v1",
    "contact.changed.v1",
    "product.registered.v1",
    "certificate.redeemed.v1",
    "service.activated.v1",
    "service.operational.v1",
    "repair.requested.v1",
    "coverage.decided.v1",
    "coverage.revised.v1",
    "received.by.service.centre.v1",
    "repair.finished.v1",
    "return.requested.v1",
    "return.accepted.v1",
    "invoice.recorded.v1",
    "credit.requested.v1",
    "credit.issued.v1",
    "notification.sent.v1",
}
"""What a main job cannot do without; whatever else was said is looked at too."""


async def everything_said(stack: Stack) -> list[Record]:
    """All that services have written to the stack's topics so far; what outside programs write does not count."""
    topics = [stack.topic(one.topic) for one in load_topics() if one.written_by in stack.services]
    missing = {(topic, part): end for topic in topics for part, end in (await ends(stack.bootstrap, topic)).items()}
    seen: list[Record] = []
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(follow(stack.bootstrap, topics, from_start=True)) as records:
        async for record, _ in records:
            seen.append(record)
            if record.offset + 1 >= missing.get((record.topic, record.partition), 0):
                missing.pop((record.topic, record.partition), None)
            if not missing:
                return seen
    raise AssertionError("unreachable: following a topic never ends by itself")


@pytest.mark.requirement("POL-01", "POL-02", "ALL-04")
async def test_every_event_of_every_service_carries_its_brand_and_policy_version(stack: Stack, watch: Watch) -> None:
    await whole_way(stack, watch, ADDED, ADDED.language)
    brands = {played.brand: played for played in EVERY}
    heard, wrong = set[str](), []
    for record in await everything_said(stack):
        kind, brand = str(record.header("ce_type")), str(record.header("ce_brand"))
        service = str(record.header("ce_source")).strip("/")
        version = brands[brand].policy(service)["version"] if brand in brands else "no such brand"
        told = json.loads(record.value or b"{}")
        if record.header("ce_policyversion") != version or told.get("brand", brand) != brand:
            wrong.append((kind, dict(record.headers), version))
        if brand == ADDED.brand:
            heard.add(kind)
    assert wrong == []
    assert heard >= MAIN_JOB, f"not heard: {MAIN_JOB - heard}"

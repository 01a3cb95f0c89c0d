"""A repair centre: hears of tickets, answers on `service-centre` that it has the unit and cannot mend it (TKT-16).

`python -m aftercare_local.outside.repair_centre 127.0.0.1:19094` runs it until it is stopped.
"""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from aftercare_local.outside import door

COVERED = ("contract", "standard_warranty")


class RepairCentre:
    """Takes in covered repairs, gives them up, and accepts every return with a GRMS number.

    It is at-least-once like any subscriber; it remembers the tickets it has answered, so that a repeated event is
    answered once.
    """

    def __init__(self, bootstrap: str, prefix: str = "", outcome: str = "not_repairable") -> None:
        self._bootstrap, self._prefix, self._outcome = bootstrap, prefix, outcome
        self._answered: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        credentials = door(self._bootstrap, "repair-centres")
        consumer = AIOKafkaConsumer(
            f"{self._prefix}tickets",
            **credentials,
            group_id=f"repair-centres-{self._prefix}repairs",
            auto_offset_reset="earliest",
        )
        producer = AIOKafkaProducer(**credentials, enable_idempotence=True)
        async with consumer, producer:
            async for message in consumer:
                headers = {name: value.decode() for name, value in message.headers}
                for kind, fact in self._answers(headers["ce_type"], json.loads(message.value or b"null")):
                    await self._say(producer, kind, fact, headers)

    def _answers(self, kind: str, fact: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        covered = kind in ("coverage.decided.v1", "coverage.revised.v1") and fact["verdict"] in COVERED
        if covered and self._is_new("repair", fact["ticket_id"]):
            now = _now()
            return [
                ("unit.received.v1", {**_about(fact), "received_at": now}),
                ("repair.reported.v1", {**_about(fact), "outcome": self._outcome, "reported_at": now}),
            ]
        if kind == "return.requested.v1" and self._is_new("return", fact["ticket_id"]):
            number = f"GRMS{uuid.UUID(fact['ticket_id']).int % 10**8:08d}"
            return [
                (
                    "return.assessed.v1",
                    {**_about(fact), "accepted": True, "grms_number": number, "reason": None, "assessed_at": _now()},
                )
            ]
        return []

    def _is_new(self, what: str, ticket: str) -> bool:
        new = (what, ticket) not in self._answered
        self._answered.add((what, ticket))
        return new

    async def _say(self, producer: AIOKafkaProducer, kind: str, fact: dict[str, Any], heard: dict[str, str]) -> None:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(uuid.uuid4()),
            "ce_type": kind,
            "ce_source": "/repair-centre",
            "ce_time": _now(),
            "content-type": "application/json",
            "ce_correlationid": heard.get("ce_correlationid", ""),
            "ce_causationid": heard["ce_id"],
        }
        await producer.send_and_wait(
            f"{self._prefix}service-centre",
            json.dumps(fact).encode(),
            key=fact["ticket_id"].encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )


def _about(fact: dict[str, Any]) -> dict[str, Any]:
    return {"brand": fact["brand"], "ticket_id": fact["ticket_id"]}


def _now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    asyncio.run(RepairCentre(sys.argv[1], *sys.argv[2:3]).run())

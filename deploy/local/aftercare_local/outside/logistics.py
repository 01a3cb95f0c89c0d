"""A logistics system: subscribes in a consumer group of its own and prints what it has to set up, and when it is done.

`python -m aftercare_local.outside.logistics 127.0.0.1:19094`: one line an event, until it is stopped (ALL-07).
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer

from aftercare_local.outside import door


async def main(bootstrap: str, prefix: str = "") -> None:
    """Print each activation once; a real system keeps the ids it has seen in its own database."""
    seen: set[str] = set()
    async with AIOKafkaConsumer(
        f"{prefix}activation",
        **door(bootstrap, "logistics"),
        group_id=f"logistics-{prefix}set-ups",
        auto_offset_reset="earliest",
    ) as topic:
        async for message in topic:
            headers = {name: value.decode() for name, value in message.headers}
            fact = json.loads(message.value or b"null")
            if headers["ce_id"] in seen:
                continue
            seen.add(headers["ce_id"])
            if headers["ce_type"] == "service.activated.v1":
                print(
                    f"set up {fact['response_level']} for {fact['serial']} until {fact['operational_at']}", flush=True
                )
            elif headers["ce_type"] == "service.operational.v1":
                print(f"operational: {fact['response_level']} for {fact['serial']}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))

"""What stands ready before the first step: the order file, the repair centre, the logistics system."""

import asyncio
import json
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

from aftercare_local.kafka import Partners

PROGRAMS: Final = {"repair-centres": "repair_centre", "logistics": "logistics"}
"""What runs for each outside system, under its own user name."""


def read_order() -> dict[str, Any]:
    """The order as the seller's system sends it; its case number is made unique, so that the demo can be run again."""
    text = files("aftercare_local").joinpath("orders/dynabook.json").read_text(encoding="utf-8")
    order: dict[str, Any] = json.loads(text)
    return {**order, "case_number": f"{order['case_number']}-{secrets.token_hex(3)}"}


@asynccontextmanager
async def outside(partners: Partners) -> AsyncIterator[Process]:
    """The repair centre and the logistics system as processes of their own; gives the latter, whose lines are read."""
    runs = {user: await _started(user, partners) for user in PROGRAMS}
    try:
        yield runs["logistics"]
    finally:
        for run in runs.values():
            if run.returncode is None:
                run.terminate()
            await run.wait()


async def _started(user: str, partners: Partners) -> Process:
    module, door = f"aftercare_local.outside.{PROGRAMS[user]}", f"127.0.0.1:{partners.port}"
    told = {**os.environ, "AFTERCARE_PARTNER_PASSWORD": partners.passwords[user]}
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, door, stdout=PIPE, env=told)

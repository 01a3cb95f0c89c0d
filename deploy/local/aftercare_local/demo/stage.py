"""What stands ready before the first step: the order file, the repair centre, the logistics system."""

import asyncio
import json
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any


def read_order() -> dict[str, Any]:
    """The order as the seller's system sends it; its case number is made unique, so that the demo can be run again."""
    text = files("aftercare_local").joinpath("orders/dynabook.json").read_text(encoding="utf-8")
    order: dict[str, Any] = json.loads(text)
    return {**order, "case_number": f"{order['case_number']}-{secrets.token_hex(3)}"}


@asynccontextmanager
async def outside(bootstrap: str) -> AsyncIterator[Process]:
    """The repair centre and the logistics system as processes of their own; gives the latter, whose lines are read."""
    names = ("repair_centre", "logistics")
    runs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", f"aftercare_local.outside.{name}", bootstrap, stdout=PIPE
        )
        for name in names
    ]
    try:
        yield runs[1]
    finally:
        for run in runs:
            if run.returncode is None:
                run.terminate()
            await run.wait()

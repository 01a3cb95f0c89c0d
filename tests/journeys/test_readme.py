"""The README's ten lines work as they stand: a subscriber of one's own, reading from the beginning (ALL-07)."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT
from tests.journeys.brands import PLAYED
from tests.journeys.test_order_to_credit import journey_of
from tests.support.stack import PASSWORDS
from tests.support.stack_of_services import Stack

from aftercare_local.demo.watch import Watch


@pytest.mark.requirement("ALL-07")
async def test_the_ten_lines_of_the_readme_hear_an_activation(stack: Stack, watch: Watch, tmp_path: Path) -> None:
    journey = journey_of(stack, watch, PLAYED[0])
    await journey.register(await journey.order(1))
    await watch.event("service.activated.v1", serial=journey.serial)
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    lines = found.group(1).replace('"activation"', f'"{stack.topic("activation")}"')
    program = tmp_path / "subscribe.py"
    program.write_text(lines.replace("127.0.0.1:19094", stack.kafka.partners), encoding="utf-8")
    told = {**os.environ, "PASSWORD": PASSWORDS["logistics"]}
    arguments = (sys.executable, "-u", str(program))
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=told)
    assert process.stdout
    try:
        async with asyncio.timeout(30):
            while journey.serial not in (line := (await process.stdout.readline()).decode()):
                assert line, "the program ended"
        assert line.startswith("service.activated.v1 ")
    finally:
        process.kill()
        await process.wait()

"""Builds the images, starts the whole system in containers, runs the main job and kills every container once.

Whatever is lost or doubled is counted from outside, by the checker of `tests/faults`. Needs a Docker engine.
"""

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final, cast

import asyncpg
from tests.faults.checker import judge, observe
from tests.faults.driver import Driver, driving
from tests.support.settling import settled

from aftercare_local.catalogue import await_catalogue
from aftercare_local.demo.story import play
from aftercare_local.home import Home
from aftercare_local.settings import LocalSettings
from aftercare_local.trouble import Trouble
from compose_check.compose import ROOT, Compose
from compose_check.images import WrongImage, looked_at
from compose_check.stack import ContainerStack

JOURNEYS: Final = 6
SETTLE_SECONDS: Final = 120.0
DOWN_SECONDS: Final = 2.0
CATALOGUE_SECONDS: Final = 60.0
PARTNERS: Final = {"logistics": "development-logistics", "repair-centres": "development-repair-centres"}
"""As docker-compose.yml has them."""


class Lost(Exception):
    """Something did not survive; the text says what."""


@contextmanager
def step(title: str) -> Iterator[None]:
    print(f"· {title} …", flush=True)
    began = time.monotonic()
    yield
    print(f"  {time.monotonic() - began:.1f} s", flush=True)


async def nothing_lost(stack: ContainerStack, driver: Driver) -> str:
    """Wait until the system has come to rest and hold it against every promise; raises Lost, returns a summary."""
    if left := await settled(stack, SETTLE_SECONDS):
        raise Lost(f"not at rest after {SETTLE_SECONDS:.0f} s: {left}")
    addresses = {service: stack.database_url(service) for service in stack.services}
    report = judge(await observe(driver.history.file, stack.bootstrap, stack.prefix, addresses))
    if not report.clean:
        raise Lost(str(report))
    mails = await sent_mails(addresses["notifications"])
    if (arrived := await stack.delivered()) != mails:
        raise Lost(f"{mails} mails count as sent, {arrived} different ones have arrived")
    return ", ".join(f"{count} {what}" for what, count in report.looked_at.items()) + f", {mails} mails"


async def sent_mails(address: str) -> int:
    connection = await asyncpg.connect(address)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM mails WHERE state = 'sent'"))
    finally:
        await connection.close()


async def kill(compose: Compose, stack: ContainerStack, driver: Driver, name: str) -> None:
    """Kill a container while the main job runs several times, bring it back, and count."""
    job = asyncio.create_task(driver.journeys(JOURNEYS, at_once=3))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(compose, "kill", name)
    await asyncio.sleep(DOWN_SECONDS)
    await asyncio.to_thread(compose.up, name)
    await job
    print(f"  {await nothing_lost(stack, driver)}", flush=True)


async def main_job(compose: Compose, directory: Path, names: Sequence[str]) -> None:
    """The main job undisturbed, then with a container killed each time, then once more for eyes."""
    stack = ContainerStack(compose, directory)
    with step("the catalogue reaches registration"):
        await asyncio.to_thread(await_catalogue, LocalSettings().port_of("registration"), CATALOGUE_SECONDS)
    async with driving(cast("Any", stack)) as driver:
        with step("the main job, several times at once"):
            await driver.journeys(JOURNEYS)
            print(f"  {await nothing_lost(stack, driver)}")
        for number, name in enumerate(names, start=1):
            with step(f"kill {name} ({number} of {len(names)})"):
                await kill(compose, stack, driver, name)
    with step("the main job as `aftercare demo` tells it"):
        await play(Home(compose.state), LocalSettings(partner_passwords=PARTNERS))


def journeys() -> None:
    """The journey tests on containers of their own, so that theirs and this stack's do not meet."""
    told = {**os.environ, "AFTERCARE_TEST_STACK": "containers"}
    subprocess.run((sys.executable, "-m", "pytest", "-q", "tests/journeys"), cwd=ROOT, env=told, check=True)


def check(compose: Compose, directory: Path, given: argparse.Namespace) -> None:
    compose.make_state()
    with step("building the images"):
        compose("build", "--quiet", quiet=False)
    try:
        with step("starting everything"):
            compose.up()
        print(looked_at(compose))
        asyncio.run(main_job(compose, directory, given.only or compose.lasting()))
    except BaseException:
        print(compose("logs", "--no-color", "--tail", "15"))
        raise
    finally:
        if not given.keep:
            with step("stopping and removing everything"):
                compose("down", "--volumes", "--timeout", "15")
    if not given.no_journeys:
        with step("the journey tests, on containers"):
            journeys()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the stack running, 10,000 ports higher than usual")
    parser.add_argument("--only", action="append", metavar="CONTAINER", help="kill just this one; may be repeated")
    parser.add_argument("--no-journeys", action="store_true", help="leave out the journey tests")
    given = parser.parse_args()
    for talker in ("aiokafka", "asyncio"):  # a killed broker is meant, and they say so in every line
        logging.getLogger(talker).setLevel(logging.CRITICAL)
    directory = Path(mkdtemp(prefix="aftercare-compose-"))
    compose = Compose(directory / "state")
    os.environ.update(compose.settings)
    try:
        check(compose, directory, given)
    except (Lost, WrongImage, Trouble) as wrong:
        raise SystemExit(f"✗ {wrong}") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"✗ {' '.join(map(str, error.cmd))} ended with {error.returncode}") from None
    finally:
        if not given.keep:
            rmtree(directory)
    print("✓ nothing lost, nothing doubled")


if __name__ == "__main__":
    main()

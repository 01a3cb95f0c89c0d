"""One child process of a test: started, waited for, killed as a power cut would, started again by its supervisor."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from aftercare_local.ports import is_free

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
PORTS: Final = range(20_000, 32_000)  # below the range from which the system lends ports to outgoing connections
_given: set[int] = set()


def quiet_port() -> int:
    """A free port that stays free for us, so that a child finds it again after its death."""
    while True:
        port = random.choice(PORTS)
        if port not in _given and is_free(port):
            _given.add(port)
            return port


class NotReady(Exception):
    """A child did not become ready in time; the message ends with its log."""


@dataclass
class Child:
    """A program with a port for `/readyz`.

    `deaths` has the exit code of each time it ended without being told to; `fates` the fault points at which it is to
    kill itself, one for each of its coming lives.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    log: Path
    deaths: list[int] = field(default_factory=list)
    fates: deque[str] = field(default_factory=deque)
    _armed: bool = False
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, armed with its next fate; it must not be running."""
        if self._process is not None:
            raise RuntimeError(f"{self.name} runs already")
        self._armed = bool(self.fates)
        fate = {"AFTERCARE_KILL_AT": self.fates.popleft()} if self.fates else {}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.arguments,
                env={**os.environ, **self.environment, **fate},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def doomed(self) -> bool:
        """Whether a fate is still before it."""
        return self._armed or bool(self.fates)

    def died(self) -> bool:
        """Whether it ended by itself since it was last asked; notes the exit code (-9 when killed)."""
        if self._process is None or self._process.poll() is None:
            return False
        self.deaths.append(self._process.returncode)
        self._armed = False
        self._process = None
        return True

    async def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait until the process is gone; SIGKILL when it takes too long."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        deadline = time.monotonic() + STOP_SECONDS
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
            await asyncio.sleep(0.01)

    async def ready(self, client: httpx.AsyncClient, seconds: float = READY_SECONDS) -> None:
        """Returns when `/readyz` says 200; raises NotReady when it does not in time."""
        deadline = time.monotonic() + seconds
        while not await self._answers(client):
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} is not ready after {seconds:.0f} s; its log ends with\n{self.tail()}")
            await asyncio.sleep(0.05)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"http://127.0.0.1:{self.port}/readyz", timeout=3)).status_code == 200
        except httpx.HTTPError:
            return False

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

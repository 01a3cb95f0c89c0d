"""One program of the stack: how it is prepared, started, probed and stopped."""

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aftercare_local.identity import Identity, await_end, end
from aftercare_local.trouble import Trouble, diagnose
from aftercare_local.unprivileged import demoted

Say = Callable[[str], None]
LARGE_LOG = 20_000_000


def silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run: arguments, variables on top of ours, and whether it must not run as root."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    unprivileged: bool = False


def spawn(launch: Launch, log: Path) -> "subprocess.Popen[bytes]":
    """Start it in a session of its own, its output added to that log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGE_LOG:
        shutil.move(log, log.with_suffix(".log.1"))
    argv, options = (
        demoted(launch.argv, (Path(launch.argv[0]), launch.cwd or log)) if launch.unprivileged else (launch.argv, {})
    )
    with log.open("ab") as out:
        return subprocess.Popen(
            argv,
            env={**os.environ, **launch.env},
            cwd=launch.cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 40_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


class Program(ABC):
    """A program that runs until it is stopped, or once when `once` is set."""

    name: str
    after: tuple[str, ...] = ()
    once: bool = False
    url: str = ""
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0
    patience: float = 60.0

    def prepare(self, say: Say = silent) -> None:  # noqa: B027 - most programs need no preparation
        """Whatever must be there before the first start; may take long and say how far it is."""

    def needed(self) -> bool:
        """Whether it has to run at all; asked after the preparation of a program that runs once."""
        return True

    def finished(self) -> None:  # noqa: B027 - most programs need not remember it
        """Told after a program that runs once has done so."""

    def check(self) -> None:  # noqa: B027 - most programs need no check
        """Raise Trouble when a start is bound to fail, e.g. because of a port."""

    @abstractmethod
    def launch(self) -> Launch:
        """What to run."""

    def ready(self) -> bool:
        """Whether it does its work; asked often, answers within a second."""
        return True


class Running:
    """A program started and stopped by the caller itself, as tests do."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def identity(self) -> Identity:
        if self.process is None:
            raise Trouble(f"{self.program.name} is not running.")
        return Identity.of(self.process.pid)

    def start(self, say: Say = silent) -> None:
        """Prepare and start it; returns when it is ready, raises Trouble when it is not in time."""
        self.program.prepare(say)
        self.program.check()
        self.process = spawn(self.program.launch(), self.log)
        deadline = time.monotonic() + self.program.patience
        while not self.program.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise self._failure()
            time.sleep(0.02)

    def stop(self, number: int | None = None) -> None:
        """Ask it to stop and wait for it; SIGKILL after the grace period."""
        if self.process is not None:
            self._end(self.program.stop_signal if number is None else number)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self.stop(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _end(self, number: int) -> None:
        process, family = self.process, self.identity.family()
        assert process is not None
        process.send_signal(number)
        try:
            process.wait(self.program.grace)
        except subprocess.TimeoutExpired:
            end(family, signal.SIGKILL)
            process.wait()
        await_end(family, 10.0)
        self.process = None

    def _failure(self) -> Trouble:
        self.stop(signal.SIGKILL)
        lines = tail(self.log)
        return Trouble(f"{self.program.name} did not start. {diagnose(lines)}\nThe end of {self.log}:\n{lines}")

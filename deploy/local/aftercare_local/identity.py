"""Which process is meant: its number together with the moment it started, since numbers are used again."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "AFTERCARE_STACK"  # in the environment of every process of a stack, with its home as value


def start_of(pid: int) -> float | None:
    """When that process started, on a scale that setting the clock does not change; None when it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return psutil.Process(pid).create_time() if psutil.pid_exists(pid) else None
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else float(fields[19])


@dataclass(frozen=True, slots=True)
class Identity:
    """One process and no later one with the same number."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, start_of(pid) or 0.0)

    @property
    def alive(self) -> bool:
        return start_of(self.pid) == self.started

    def send(self, number: int) -> None:
        """Signal the process, if it is still the one that was meant."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def family(self) -> list["Identity"]:
        """The process and everything it started, as of now."""
        try:
            children = psutil.Process(self.pid).children(recursive=True) if self.alive else []
        except psutil.NoSuchProcess:
            children = []
        return [self, *(Identity.of(child.pid) for child in children)]


def await_end(those: list[Identity], seconds: float) -> bool:
    """Whether all of them ended within that time."""
    deadline = time.monotonic() + seconds
    while any(one.alive for one in those):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end(those: list[Identity], number: int = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ask those processes to stop, and after the grace period make them, with all that they started."""
    families = [member for one in those for member in one.family()]
    for one in those:
        one.send(number)
    if not await_end(families, grace):
        for member in families:
            member.send(signal.SIGKILL)
        await_end(families, 5.0)


def marked_with(home: Path) -> list[Identity]:
    """Every process that belongs to the stack of that home, also when nobody wrote it down."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home) and process.pid != os.getpid():
                found.append(Identity.of(process.pid))
        except (psutil.Error, OSError):
            continue
    return found

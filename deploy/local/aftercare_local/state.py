"""What the supervisor knows, as a file that every command reads."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal

from aftercare_local.home import Home, write_whole
from aftercare_local.identity import Identity

Phase = Literal[
    "waiting", "preparing", "starting", "ready", "unready", "restarting", "done", "failed", "stopping", "stopped"
]
SETTLED: tuple[Phase, ...] = ("ready", "done")


@dataclass
class ProgramState:
    """One program: where it stands and, when something is wrong, why."""

    name: str
    phase: Phase = "waiting"
    pid: int | None = None
    started: float | None = None
    since: str = ""
    restarts: int = 0
    url: str = ""
    once: bool = False
    detail: str = ""

    @property
    def identity(self) -> Identity | None:
        return None if self.pid is None or self.started is None else Identity(self.pid, self.started)

    def move(self, phase: Phase, detail: str = "") -> None:
        self.phase, self.detail, self.since = phase, detail, datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class StackState:
    """The whole stack, with its supervisor."""

    supervisor_pid: int
    supervisor_started: float
    programs: list[ProgramState] = field(default_factory=list)

    @property
    def supervisor(self) -> Identity:
        return Identity(self.supervisor_pid, self.supervisor_started)

    @property
    def is_up(self) -> bool:
        return self.supervisor.alive and all(program.phase in SETTLED for program in self.programs)

    def identities(self) -> list[Identity]:
        """Every process that was written down."""
        return [identity for program in self.programs if (identity := program.identity)]

    def write(self, home: Home) -> None:
        write_whole(home.state, json.dumps(asdict(self), indent=2))


def read_state(home: Home) -> StackState | None:
    """The last state that a supervisor wrote, which may be gone since; None when there is none."""
    try:
        kept = json.loads(home.state.read_text())
    except (FileNotFoundError, ValueError):
        return None
    programs = [ProgramState(**program) for program in kept.pop("programs")]
    return StackState(**kept, programs=programs)

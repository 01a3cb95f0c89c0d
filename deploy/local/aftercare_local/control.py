"""Start and stop the stack from outside its supervisor."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from aftercare_local.home import Home
from aftercare_local.identity import Identity, await_end, end, marked_with
from aftercare_local.plan import only, whole_system
from aftercare_local.program import tail
from aftercare_local.settings import LocalSettings
from aftercare_local.state import ProgramState, StackState, read_state
from aftercare_local.tokens import ensure_keys
from aftercare_local.trouble import Trouble

LEAST_DISK = 500_000_000
HOPELESS_AFTER = 3
STOPPING_TAKES = 60.0


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Lets one command at a time start or stop the stack of that home."""
    with (home.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def running(home: Home) -> StackState | None:
    """The state of a stack whose supervisor lives; None otherwise."""
    state = read_state(home)
    return state if state and state.supervisor.alive else None


def start_stack(home: Home, settings: LocalSettings, wanted: Sequence[str] = ()) -> None:
    """Start a supervisor in the background after looking at ports and disk; Trouble when that is bound to fail."""
    home.make()
    with alone(home):
        if not running(home):
            _start(home, settings, wanted)


def _start(home: Home, settings: LocalSettings, wanted: Sequence[str]) -> None:
    reap(home)
    if shutil.disk_usage(home.root).free < LEAST_DISK:
        raise Trouble(f"Less than 500 MB are free on the disk of {home.root}. Free some space, then `aftercare up`.")
    for program in only(whole_system(home, settings), wanted):
        program.check()
    ensure_keys(home)
    start_supervisor(home, [part for name in wanted for part in ("--only", name)])


def start_supervisor(home: Home, arguments: Sequence[str] = ()) -> Identity:
    """Start the background process; it goes on when the caller ends."""
    home.state.unlink(missing_ok=True)
    with home.log("supervisor").open("ab") as out:
        process = subprocess.Popen(
            (sys.executable, "-m", "aftercare_local.supervisor", *arguments),
            env={**os.environ, "AFTERCARE_HOME": str(home.root)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + 20
    while (state := read_state(home)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Trouble(f"The supervisor did not start:\n{tail(home.log('supervisor'))}")
        time.sleep(0.02)
    return state.supervisor


def await_up(home: Home, seconds: float, tell: Callable[[StackState], None]) -> StackState:
    """Wait until every program works; Trouble when one fails, keeps ending, or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        state = read_state(home)
        if state is None or not state.supervisor.alive:
            raise Trouble(f"The supervisor ended:\n{tail(home.log('supervisor'))}")
        tell(state)
        if state.is_up:
            return state
        if stuck := next((one for one in state.programs if hopeless(one)), None):
            raise Trouble(f"{stuck.name} does not start: {stuck.detail}\nIts log: {home.log(stuck.name)}")
        if time.monotonic() > deadline:
            late = ", ".join(
                f"{one.name} ({one.phase})" for one in state.programs if one.phase not in ("ready", "done")
            )
            raise Trouble(f"Not ready after {seconds:.0f} s: {late}. See `aftercare logs`.")
        time.sleep(0.05)


def hopeless(program: ProgramState) -> bool:
    return program.phase == "failed" or (program.phase == "restarting" and program.restarts >= HOPELESS_AFTER)


def stop_stack(home: Home) -> bool:
    """Stop everything, also what a killed supervisor left behind; returns whether anything was running."""
    if not home.root.exists():
        return False
    with alone(home):
        return _stop(home)


def _stop(home: Home) -> bool:
    state = running(home)
    if state:
        state.supervisor.send(signal.SIGTERM)
        if not await_end([state.supervisor], STOPPING_TAKES):
            state.supervisor.send(signal.SIGKILL)
            await_end([state.supervisor], 5)
    left = reap(home)
    home.state.unlink(missing_ok=True)
    return state is not None or bool(left)


def reap(home: Home) -> list[Identity]:
    """End the processes of a stack whose supervisor is gone; returns them."""
    if running(home):
        return []
    state = read_state(home)
    recorded = state.identities() if state else []
    left = [one for one in dict.fromkeys([*recorded, *marked_with(home.root)]) if one.alive]
    end(left, signal.SIGTERM)
    return left

"""The supervisor: order, readiness, restart after a kill, and nothing left behind."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.stack import public_directory

from aftercare_local import control
from aftercare_local.home import Home
from aftercare_local.identity import MARK, Identity
from aftercare_local.ports import free_port, is_free
from aftercare_local.state import ProgramState, StackState, read_state
from aftercare_local.trouble import Trouble

PLAN = ["--plan", "tiny_plan:small_stack"]


@pytest.fixture
def home(monkeypatch) -> Iterator[Home]:
    with public_directory() as directory:
        home = Home(directory.resolve())
        home.make()
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
        for name in ("POSTGRES", "REGISTRATION", "ACTIVATION"):
            monkeypatch.setenv(f"AFTERCARE_{name}_PORT", str(free_port()))
        yield home
        control.stop_stack(home)


def start(home: Home) -> StackState:
    control.start_supervisor(home, PLAN)
    return control.await_up(home, 60, lambda _: None)


def program(home: Home, name: str) -> ProgramState:
    state = read_state(home)
    assert state is not None
    return next(one for one in state.programs if one.name == name)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.02)


def everything_of(home: Home) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home.root) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_programs_start_in_order_and_down_leaves_nothing(home: Home) -> None:
    state = start(home)
    since = {one.name: one.since for one in state.programs}
    assert since["postgres"] < since["once"] < since["first"] < since["second"]
    assert (home.root / "done").exists()
    pids = [one.pid for one in state.programs if one.pid] + [state.supervisor_pid]
    assert len(pids) == 4
    assert control.stop_stack(home)
    assert everything_of(home) == []
    assert not any(Identity.of(pid).started for pid in pids if psutil.pid_exists(pid))
    assert is_free(int(os.environ["AFTERCARE_POSTGRES_PORT"]))
    assert "database system is shut down" in home.log("postgres").read_text()


@pytest.mark.parametrize("name", ["first", "postgres"])
def test_a_killed_program_comes_back_and_its_neighbours_stay(home: Home, name: str) -> None:
    before = {one.name: one.pid for one in start(home).programs}
    os.kill(before[name], signal.SIGKILL)
    until(lambda: program(home, name).phase == "ready" and program(home, name).pid != before[name])
    assert program(home, name).restarts >= 1
    assert program(home, "second").pid == before["second"]


def test_a_program_that_stops_being_ready_is_shown_so_until_it_is_again(home: Home) -> None:
    start(home)
    (home.root / "first.unwell").touch()
    until(lambda: program(home, "first").phase == "unready")
    (home.root / "first.unwell").unlink()
    until(lambda: program(home, "first").phase == "ready")
    assert program(home, "first").restarts == 0


def test_down_ends_what_a_killed_supervisor_left_behind(home: Home) -> None:
    state = start(home)
    state.supervisor.send(signal.SIGKILL)
    until(lambda: not state.supervisor.alive)
    assert len(everything_of(home)) >= 3
    assert control.stop_stack(home)
    assert everything_of(home) == []


def test_the_next_start_ends_what_a_killed_supervisor_left_behind(home: Home) -> None:
    state = start(home)
    state.supervisor.send(signal.SIGKILL)
    until(lambda: not state.supervisor.alive)
    control.reap(home)
    later = start(home)
    assert {one.pid for one in later.programs if one.pid}.isdisjoint({one.pid for one in state.programs if one.pid})
    assert all(one.restarts == 0 for one in later.programs)


def test_a_process_that_took_over_a_number_is_left_alone(home: Home) -> None:
    me = os.getpid()
    StackState(me, 1.0, [ProgramState("stranger", pid=me, started=1.0)]).write(home)
    assert not control.stop_stack(home)


def test_a_step_that_fails_is_told_with_the_end_of_its_log(home: Home) -> None:
    (home.root / "fail").touch()
    with pytest.raises(Trouble, match=r"once does not start: ended with code 1(.|\n)*told to fail"):
        start(home)
    assert program(home, "first").phase == "waiting"


def test_a_port_that_is_taken_meanwhile_is_told(home: Home) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(os.environ["AFTERCARE_ACTIVATION_PORT"])))
        holder.listen()
        control.start_supervisor(home, PLAN)
        until(lambda: "AFTERCARE_SECOND_PORT=" in program(home, "second").detail)
    until(lambda: program(home, "second").phase == "ready")

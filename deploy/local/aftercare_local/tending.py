"""Looks after one program: starts it after those it needs, watches it, starts it again, stops it before them."""

import asyncio
import subprocess
import time
from collections.abc import Callable

from aftercare_local.home import Home
from aftercare_local.identity import MARK, Identity, end
from aftercare_local.program import Launch, Program, spawn, tail
from aftercare_local.state import Phase, ProgramState
from aftercare_local.trouble import Trouble, diagnose

FIRST_PAUSE, LONGEST_PAUSE, STEADY = 0.25, 10.0, 30.0
TRIES_OF_ONCE = 3


class Tending:
    """One program with its process, if there is one; `settled` is set once it works, `ended` once it is gone."""

    def __init__(self, program: Program, home: Home, changed: Callable[[], None]) -> None:
        self.program = program
        self.state = ProgramState(program.name, url=program.url, once=program.once)
        self.settled = asyncio.Event()
        self.ended = asyncio.Event()
        self._home = home
        self._changed = changed
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = FIRST_PAUSE
        self._quitting = False

    async def run(self, needs: list["Tending"], stopping: asyncio.Event) -> None:
        """Keep the program working until `stopping`."""
        for need in needs:
            await need.settled.wait()
        try:
            await self._prepare()
            if not self.program.needed():
                self._settle("done")
                return
            while not stopping.is_set() and await self._one_life():
                await self._rest(stopping)
        except Exception as error:
            self._move("failed", str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}")

    async def stop(self, dependents: list["Tending"]) -> None:
        """End the process after everything that needs it has ended."""
        self._quitting = True
        for dependent in dependents:
            await dependent.ended.wait()
        if self._process is not None and self._process.poll() is None:
            self._move("stopping")
            await asyncio.to_thread(end, [Identity.of(self._process.pid)], self.program.stop_signal, self.program.grace)
            await asyncio.to_thread(self._process.wait)
        self.state.pid = self.state.started = None
        self._move("stopped")
        self.ended.set()

    async def _prepare(self) -> None:
        self._move("preparing")
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(self._move, "preparing", text)

        await asyncio.to_thread(self.program.prepare, say)

    async def _one_life(self) -> bool:
        """From start to end of a process; returns whether there should be another."""
        began = time.monotonic()
        try:
            await asyncio.to_thread(self.program.check)
            if self._leaving():
                return False
            process = self._spawn()
        except (Trouble, OSError) as trouble:
            self._move("restarting", str(trouble))
            return True
        code = await self._watch(process)
        if self._leaving():
            return False
        if time.monotonic() - began > STEADY:
            self._pause = FIRST_PAUSE
        return self._judge(code)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        launch = self.program.launch()
        marked = Launch(launch.argv, {**launch.env, MARK: str(self._home.root)}, launch.cwd, launch.unprivileged)
        process = self._process = spawn(marked, self._home.log(self.program.name))
        self.state.pid, self.state.started = process.pid, Identity.of(process.pid).started
        self._move("starting")
        return process

    async def _watch(self, process: "subprocess.Popen[bytes]") -> int:
        """Probe the process until it ends; returns its exit code."""
        while (code := process.poll()) is None:
            if not self.program.once:
                await self._probe(process)
            await asyncio.sleep(0.3 if self.state.phase == "ready" else 0.05)
        self.state.pid = self.state.started = None
        return code

    async def _probe(self, process: "subprocess.Popen[bytes]") -> None:
        ready = await asyncio.to_thread(self.program.ready)
        if process.poll() is not None or self._quitting:
            return
        if ready and self.state.phase in ("starting", "unready"):
            self._settle("ready")
        elif not ready and self.state.phase == "ready":
            self._move("unready", "it runs, but says that it is not ready")

    def _judge(self, code: int) -> bool:
        if self.program.once and code == 0:
            self.program.finished()
            self._settle("done")
            return False
        lines = tail(self._home.log(self.program.name), 12)
        ending = f"ended by signal {-code}" if code < 0 else f"ended with code {code}"
        reason = f"{ending}. {diagnose(lines)}\n{lines}".strip()
        self.state.restarts += 1
        if self.program.once and self.state.restarts >= TRIES_OF_ONCE:
            self._move("failed", reason)
            return False
        self._move("restarting", reason)
        return True

    def _leaving(self) -> bool:
        return self._quitting

    async def _rest(self, stopping: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(stopping.wait(), self._pause)
        except TimeoutError:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _settle(self, phase: Phase) -> None:
        self._move(phase)
        self.settled.set()

    def _move(self, phase: Phase, detail: str = "") -> None:
        self.state.move(phase, detail)
        self._changed()

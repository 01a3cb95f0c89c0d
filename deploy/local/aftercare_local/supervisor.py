"""`python -m aftercare_local.supervisor`: runs the stack in the background until SIGTERM."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from aftercare_local.home import Home
from aftercare_local.identity import Identity
from aftercare_local.plan import only
from aftercare_local.program import Program
from aftercare_local.settings import LocalSettings
from aftercare_local.state import StackState
from aftercare_local.tending import Tending
from aftercare_local.trouble import Trouble


class Supervisor:
    """Tends every program of a plan and writes down what it sees."""

    def __init__(self, home: Home, programs: Sequence[Program]) -> None:
        self._home = home
        self._tended = {program.name: Tending(program, home, self._write) for program in programs}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; nothing runs when it returns."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        lives = [asyncio.create_task(one.run(self._needs(one), self._stopping)) for one in self._tended.values()]
        await self._stopping.wait()
        await self._stop(lives)

    async def _stop(self, lives: list["asyncio.Task[None]"]) -> None:
        waiting = [life for life, one in zip(lives, self._tended.values(), strict=True) if one.state.phase == "waiting"]
        for life in waiting:
            life.cancel()
        await asyncio.gather(*(one.stop(self._dependents(one)) for one in self._tended.values()))
        await asyncio.gather(*lives, return_exceptions=True)

    def _needs(self, one: Tending) -> list[Tending]:
        return [self._tended[name] for name in one.program.after if name in self._tended]

    def _dependents(self, one: Tending) -> list[Tending]:
        return [other for other in self._tended.values() if one.program.name in other.program.after]

    def _write(self) -> None:
        me = Identity.of(os.getpid())
        StackState(me.pid, me.started, [one.state for one in self._tended.values()]).write(self._home)


def main(arguments: Sequence[str]) -> None:
    """Read the plan, `module:function` of (home, settings), and run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plan", default="aftercare_local.plan:whole_system")
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args(arguments)
    module, _, function = given.plan.partition(":")
    settings = LocalSettings()
    home = Home(settings.home.resolve())
    try:
        programs = only(getattr(import_module(module), function)(home, settings), given.only)
        asyncio.run(Supervisor(home, programs).run())
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main(sys.argv[1:])

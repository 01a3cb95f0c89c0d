"""A service is a name, a diet, some doors and a database; this runs any part of it.

`python -m <service>_service api | worker | relay | all | migrate | redrive`
"""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import uvloop
from fastapi import APIRouter

from chassis.database import Database, migrate
from chassis.logs import set_up_logs
from chassis.policies import BrandPolicy, InvalidPolicy, PolicyBook
from chassis.process import Process
from chassis.routes import Alarm, Route, Routes
from chassis.settings import Settings, read_settings

PROCESSES: Final = ("api", "worker", "relay", "all")

Errand = Callable[[Database, Any, asyncio.Event], Coroutine[Any, Any, None]]
"""Lasting work of a service's own beside the relay, e.g. sending mail: runs until the event is set."""


@dataclass(frozen=True)
class Service:
    """Everything the chassis has to know of a service."""

    name: str
    policies: PolicyBook[Any]
    routers: Sequence[APIRouter]
    hears: Sequence[Route]
    alarms: Sequence[Alarm] = ()
    errands: Sequence[Errand] = ()
    settings: type[Settings] = Settings
    package: str = ""
    """The Python package, which also holds `policies/`, `texts/` and `migrations/`; `<name>_service` unless named."""
    routes: Routes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "routes", Routes(self.hears))
        object.__setattr__(self, "package", self.package or f"{self.name}_service")

    def policy_version(self, brand: str) -> str:
        """Version of the policy in force; raises UnknownBrand."""
        policy: BrandPolicy = self.policies.of(brand)
        return policy.version


def main(service: Service, arguments: Sequence[str] | None = None) -> None:
    """The command line of a service; ends the process with 2 when settings or policies are wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m {service.package}", description=f"Aftercare {service.name}")
    doors = parser.add_subparsers(dest="command", required=True)
    for name in PROCESSES:
        doors.add_parser(name, help="api, worker and relay in one process" if name == "all" else f"run the {name}")
    doors.add_parser("migrate", help="bring the database up to date")
    _add_redrive(doors.add_parser("redrive", help="try dead letters again in their order, list them, or give one up"))
    asked = parser.parse_args(arguments)
    settings = read_settings(service.settings)
    set_up_logs(service.name, asked.command, settings.log_format, settings.log_level)
    try:
        service.policies.load(settings.policies)
    except InvalidPolicy as error:
        raise SystemExit(f"{service.name} does not start, a policy is invalid:\n{error}") from None
    if asked.command == "migrate":
        print("applied:", ", ".join(migrate(settings.database_url, service.package)) or "nothing, all was there")
        return
    process = Process(service, settings)
    uvloop.run(process.redrive(asked) if asked.command == "redrive" else process.run(asked.command))


def _add_redrive(door: argparse.ArgumentParser) -> None:
    door.add_argument("--key", help="only the lane of this message key")
    door.add_argument("--fingerprint", help="only lanes with this failure")
    door.add_argument("--list", action="store_true", help="show what waits, change nothing")
    door.add_argument("--discard", type=int, metavar="ID", help="give this one up for good; its lane opens")
    door.add_argument("--reason", default="no reason given", help="why it is given up; kept in the log")

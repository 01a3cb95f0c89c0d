"""The command line of every service: `python -m <service>_service api | worker | relay | all | migrate | redrive`."""

import argparse
from collections.abc import Sequence
from typing import Final

import uvloop

from chassis.database import migrate
from chassis.logs import set_up_logs
from chassis.policies import InvalidPolicy
from chassis.process import Process
from chassis.service import Service
from chassis.settings import read_settings

PROCESSES: Final = ("api", "worker", "relay", "all")


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

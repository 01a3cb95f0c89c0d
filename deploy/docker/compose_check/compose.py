"""`docker compose` for one stack of its own: own project name, ports, passwords and state directory."""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
PROJECT: Final = "aftercare-check"
SERVICES: Final = ("registration", "activation", "tickets", "notifications", "credits")
IMAGES: Final = ("aftercare", *(f"aftercare-{service}" for service in SERVICES))
SHIFT: Final = 10_000  # beside a stack that may be running on the usual ports
PORTS: Final = {
    "POSTGRES": 15432,
    "KAFKA": 19092,
    "SMTP": 8025,
    "MAIL": 8026,
    "REGISTRATION": 8101,
    "ACTIVATION": 8102,
    "TICKETS": 8103,
    "NOTIFICATIONS": 8104,
    "CREDITS": 8105,
}


class Compose:
    """Runs `docker compose` and `docker`; a command that fails raises CalledProcessError after its output was shown."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.passwords = {service: secrets.token_hex(12) for service in SERVICES}
        self.ports = {name: port + SHIFT for name, port in PORTS.items()}

    @property
    def settings(self) -> Mapping[str, str]:
        """What both the compose file and `aftercare` read from the environment."""
        owner = f"{os.getuid()}:{os.getgid()}" if os.getuid() else "10002:10002"
        return {
            **{f"AFTERCARE_{name}_PORT": str(port) for name, port in self.ports.items()},
            **{f"{service.upper()}_PASSWORD": password for service, password in self.passwords.items()},
            "AFTERCARE_STATE": str(self.state),
            "AFTERCARE_USER": owner,
            "AFTERCARE_HOME": str(self.state),
        }

    def make_state(self) -> None:
        """Make the state directory, for the user as whom the containers write it and for every reader."""
        self.state.mkdir()
        for place in (self.state.parent, self.state):
            place.chmod(0o755)
        if not os.getuid():
            os.chown(self.state, 10002, 10002)

    def __call__(self, *arguments: str, quiet: bool = True) -> str:
        argv = ("docker", "compose", "--project-name", PROJECT, "--progress", "plain", *arguments)
        return self._run(argv, quiet=quiet)

    def docker(self, *arguments: str) -> str:
        return self._run(("docker", *arguments), quiet=True)

    def up(self, *names: str, seconds: int = 300) -> None:
        """Start these containers, or all, and wait until they are healthy."""
        alone = ("--no-deps",) if names else ()
        self("up", "--detach", "--no-build", "--wait", "--wait-timeout", str(seconds), *alone, *names)

    def containers(self) -> list[dict[str, Any]]:
        """Every container of the stack: Service, Name, State, Health, ExitCode."""
        return [json.loads(line) for line in self("ps", "--all", "--format", "json").splitlines()]

    def lasting(self) -> list[str]:
        """The names of what runs for ever; one-shots have ended."""
        return sorted(one["Service"] for one in self.containers() if one["State"] == "running")

    def _run(self, argv: tuple[str, ...], *, quiet: bool) -> str:
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, **self.settings}, check=False, text=True,
            stdout=subprocess.PIPE if quiet else None, stderr=subprocess.PIPE if quiet else None,
        )  # fmt: skip
        if done.returncode:
            print(done.stdout or "", done.stderr or "", sep="\n")
            raise subprocess.CalledProcessError(done.returncode, argv)
        return done.stdout or ""

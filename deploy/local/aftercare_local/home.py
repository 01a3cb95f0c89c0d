"""The one directory in which the stack keeps everything; deleting it resets the stack."""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aftercare_local.trouble import Trouble, disk_full

ENOSPC = 28


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file so that a reader, or a power cut, sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        if error.errno == ENOSPC:
            raise disk_full(path.parent) from error
        raise


@dataclass(frozen=True, slots=True)
class Home:
    """Names every file below `.aftercare`."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def clock(self) -> Path:
        return self.root / "clock"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def signing_key(self) -> Path:
        return self.keys / "signing.json"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def kafka(self) -> Path:
        return self.root / "kafka"

    @property
    def mails(self) -> Path:
        return self.root / "mails"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def data(self, service: str) -> Path:
        return self.root / "data" / service

    def make(self) -> None:
        """Create the directory; says so plainly when that is not allowed."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(
                f"{self.root} cannot be written ({error.strerror}). Set AFTERCARE_HOME to a directory of your own."
            ) from error

    def password(self, role: str) -> str:
        """The password of a database role, made up once and kept."""
        path = self.root / "passwords.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if role not in known:
            known[role] = secrets.token_urlsafe(18)
            write_whole(path, json.dumps(known, indent=2), mode=0o600)
        return known[role]

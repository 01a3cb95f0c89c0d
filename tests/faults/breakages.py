"""Five deliberate mistakes, each in a copy of the plumbing that child processes import first: each must be seen.

A text that is no longer in the source is an error, so that a breakage never silently breaks nothing.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import chassis

SOURCE: Final = Path(chassis.__file__).parent


@dataclass(frozen=True)
class Breakage:
    """A mistake as replacements in source files, and the promise that it breaks."""

    promise: str
    services: tuple[str, ...]
    changes: Mapping[str, tuple[tuple[str, str], ...]]
    """File -> what is written there instead of what."""
    schema: str = ""
    """What is changed in each database."""


_KEEP: Final = "await (keep(tx, key, answer, messages) if key else outbox.put(tx, messages))"
_PUBLISH_FIRST: Final = """async with database.transaction(cause) as early:
            await outbox.put(early, messages)
        await (keep(tx, key, answer, []) if key else outbox.put(tx, []))"""
_TAKE: Final = "        await self._delivery.take("
_ACKNOWLEDGE_FIRST: Final = f"""\
        await consumer.commit({{part: got[-1].offset + 1 for part, got in fetched.items()}})
{_TAKE}"""

BREAKAGES: Final[Mapping[str, Breakage]] = {
    "publish before commit": Breakage(
        "events_from_nothing",
        ("registration",),
        {"transact.py": ((_KEEP, _PUBLISH_FIRST),)},
    ),
    "no inbox key": Breakage(
        "doubled",
        ("registration", "activation"),
        {"inbox.py": (('"ON CONFLICT DO NOTHING RETURNING event_id"', '"RETURNING event_id"'),)},
        "ALTER TABLE inbox DROP CONSTRAINT inbox_pkey",
    ),
    "ack before commit": Breakage(
        "without_effect",
        ("registration", "activation"),
        {"kafka/plain_runner.py": ((_TAKE, _ACKNOWLEDGE_FIRST),)},
    ),
    "relay cursor by id": Breakage(
        "unsent",
        ("registration",),
        {
            "kafka/relay.py": (
                ("self._floor, self._floor_from = 0, now", "self._floor_from = now"),
                ("elif self._floor:", "elif self._floor < 0:"),
            )
        },
    ),
    "timer by wall clock": Breakage(
        "early_timers",
        ("registration", "activation"),
        {
            "timers.py": (
                ("await tx.fetch(CLAIM, tx.now, limit)", "await tx.fetch(CLAIM, datetime.now(UTC), limit)"),
                ("from datetime import datetime, timedelta", "from datetime import UTC, datetime, timedelta"),
            )
        },
    ),
}


@contextmanager
def broken(breakage: Breakage) -> Iterator[dict[str, str]]:
    """The environment with which a process imports the broken plumbing."""
    with TemporaryDirectory(prefix="aftercare-broken-") as folder:
        copy = Path(folder) / "chassis"
        shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for name, changes in breakage.changes.items():
            text = (copy / name).read_text()
            for old, new in changes:
                if text.count(old) != 1:
                    raise LookupError(f"{name} has {text.count(old)} times {old!r}; the breakage needs it once")
                text = text.replace(old, new)
            (copy / name).write_text(text)
        yield {"PYTHONPATH": os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))}

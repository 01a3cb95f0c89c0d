"""What a measurement gives, and how the table is written."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, ours, the bare library's, and what is aimed at."""

    what: str
    ours: str
    bare: str = ""
    ratio: float | None = None
    aim: str = ""


def rate(count: int, seconds: float) -> float:
    """Per second."""
    return count / seconds if seconds else 0.0


def compared(what: str, unit: str, ours: Sequence[float], bare: Sequence[float], aim: str = "") -> Row:
    """The medians of interleaved rounds, and the median of the rounds' ratios."""
    ratios = sorted(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    return Row(what, f"{median(ours):,.0f} {unit}", f"{median(bare):,.0f} {unit}", ratios[len(ratios) // 2], aim)


def median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def page(rows: Sequence[Row]) -> str:
    """The whole page of docs/benchmarks.md."""
    machine = f"{os.cpu_count()} processors, {memory_gib():.0f} GiB, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        "`make bench` wrote this page. Ratios are medians over interleaved rounds of one run; absolute figures",
        "belong to the machine and the moment. Client, servers and services share the processors.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · commit {commit()} · {machine} on {platform.system()}",
        "",
        "| measured | ours | bare | ratio | aim |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {row.what} | {row.ours} | {row.bare} | {shown(row.ratio)} | {row.aim} |" for row in rows]
    return "\n".join([*lines, "", EXPLAINED])


EXPLAINED: Final = """\
**Commands**: one insert and one fact through the chassis, key and token checked, against a bare FastAPI endpoint with
the same body that runs the same SQL statements in one transaction; 16 connections, closed loop. **Relay**: a full
outbox carried to Kafka and deleted, against aiokafka's idempotent producer sending the same messages in the same
batches. **Worker**: events of a topic through inbox, one insert by a handler per event, one fact into the outbox,
commit, offsets; against `getmany` with one multi-row inbox insert per batch and no handler. Our side decodes, runs
a handler with a statement of its own and encodes for each event; the baseline does none of that. **Journey**:
from posting a registration to seeing its `ServiceActivated` on the topic, all five services running. **Processes**: a
service with api, worker and relay in one process, when nothing has been asked of it for ten seconds. **Bulk files**:
each row a customer of its own and one unit of one certificate, through the form's own command, while the same process
carries the facts to Kafka; memory is that process's. **Timers**: armed in transactions of ten, fired with a statement
each; "bare" is the table with few. Then activation's own set-ups, all over within one minute, fired and carried to
Kafka by one process while another takes twenty commands a second; "bare" is the second tenth, and the commands before.
"""


def shown(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def commit() -> str:
    """The commit that is measured; a star when the work tree differs from it."""
    run = ["git", "-C", str(ROOT)]
    name = subprocess.run(
        [*run, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    changed = subprocess.run(
        [*run, "status", "--porcelain"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"{name or 'none'}{'*' if changed else ''}"


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30

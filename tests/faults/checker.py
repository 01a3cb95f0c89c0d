"""Counts what was lost, doubled, invented, reordered or early, from outside; ends with 1 when anything was.

    python -m tests.faults.checker --history h.jsonl --kafka 127.0.0.1:19092 --prefix t1- \\
        --database registration=postgresql://… --database activation=postgresql://…

It reads every topic from offset 0 and every database in one snapshot, and knows the services by their contract alone.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.faults.invariants import PROMISES
from tests.faults.observed import Observed, read_base, read_contract, read_history, read_topics

CONTRACT: Final = Path(__file__).resolve().parents[2] / "schemas" / "topics"
SHOWN: Final = 5


@dataclass(frozen=True)
class Report:
    """The counter-examples to each promise, and how much was looked at."""

    violations: Mapping[str, Sequence[str]]
    looked_at: Mapping[str, int]

    @property
    def clean(self) -> bool:
        return not any(self.violations.values())

    def count(self, promise: str) -> int:
        """How many counter-examples there are to one promise."""
        return len(self.violations[promise])

    def __str__(self) -> str:
        lines = ["looked at: " + ", ".join(f"{count} {what}" for what, count in self.looked_at.items())]
        for promise, found in self.violations.items():
            lines.append(f"{len(found):6d}  {promise.replace('_', ' ')}")
            lines += [f"          {one}" for one in found[:SHOWN]]
        return "\n".join(lines)


def judge(seen: Observed) -> Report:
    """Hold what was seen against every promise."""
    refused = sum(one.final is not None and not one.accepted for one in seen.commands)
    return Report(
        {promise.__name__: list(promise(seen)) for promise in PROMISES},
        {
            "commands accepted": sum(one.accepted for one in seen.commands),
            "refused": refused,
            "replies lost": sum(line["what"] == "lost" for line in seen.history),
            "events": len(seen.events),
            "resent": seen.resent,
            "inbox rows": sum(base.inbox.total() for base in seen.bases.values()),
            "poison": len(seen.poison),
            "dead letters": sum(len(base.dead) for base in seen.bases.values()),
        },
    )


async def observe(history: Path, kafka: str, prefix: str, databases: Mapping[str, str]) -> Observed:
    """Look once at everything; the databases first, so that what they took is on the topics by then."""
    lines = read_history(history)
    bases = {name: await read_base(name, address, prefix) for name, address in databases.items()}
    subscribers, private = read_contract(CONTRACT)
    wires = await read_topics(kafka, prefix, list(subscribers))
    ahead = next((line["offset"] for line in reversed(lines) if line["what"] == "clock"), 0.0)
    return Observed(lines, wires, bases, subscribers, private, datetime.now(UTC) + timedelta(seconds=ahead))


def main() -> None:
    """The checker as a program."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.checker", description="Look for what was lost or doubled."
    )
    parser.add_argument("--history", type=Path, required=True, help="the driver's JSONL file")
    parser.add_argument("--kafka", required=True, help="host:port")
    parser.add_argument("--prefix", default="", help="what stands before the topics' names")
    parser.add_argument("--database", action="append", default=[], metavar="SERVICE=ADDRESS", help="for each service")
    asked = parser.parse_args()
    databases = dict(one.split("=", 1) for one in asked.database)
    report = judge(asyncio.run(observe(asked.history, asked.kafka, asked.prefix, databases)))
    print(report)
    raise SystemExit(0 if report.clean else 1)


if __name__ == "__main__":
    main()

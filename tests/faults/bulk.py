"""kill -9 while a bulk file is worked off: no row is lost, none is done twice (REG-21)."""

import asyncio
import csv
import io
import random
from collections import Counter
from dataclasses import dataclass
from typing import Final

from tests.faults.observed import read_topics
from tests.support.bulk_files import HEADER, ask, certificate, finished, lines, send, shown
from tests.support.settling import settled
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

SPARE: Final = 10
ENTRIES: Final = """
SELECT count(*) FROM entries e JOIN certificates c USING (certificate_id) WHERE c.number = $1 AND change = -1
"""


@dataclass(frozen=True)
class Verdict:
    """What is left when the file is done."""

    deaths: list[int]
    """After how many done rows the process died."""
    results: Counter[str]
    """Results in the answer."""
    redeemed: list[str]
    """Serial numbers of the redemptions on the topic, each event counted once."""
    units_left: int
    entries: int


async def killed_at_rows(stack: Stack, rows: int, kills: int) -> Verdict:
    """Send a file of so many good rows, and kill the process that works on it at that many random rows."""
    number = await certificate(stack, rows + SPARE)
    dossier = await send(stack, (HEADER + "".join(lines(number, 1, rows))).encode())
    deaths = []
    for row in sorted(random.sample(range(rows), kills)):

        async def reached(least: int = row) -> bool:
            return bool((await shown(stack, dossier))["done"] >= least)

        await until(reached, f"row {row}", 60, every=0.005)
        await asyncio.sleep(random.random() / 10)
        deaths.append((await shown(stack, dossier))["done"])
        await stack.kill("registration", stack.part("registration", "relay"))
        await stack.start("registration", stack.part("registration", "relay"))
    told = await finished(stack, dossier, 120)
    await settled(stack, 60)
    answer = await stack.get("registration", f"/dossiers/{dossier}/answer")
    answered = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""), delimiter=";")
    assert told["rows_total"] == rows
    return Verdict(
        deaths,
        Counter(row["aftercare_result"] for row in answered),
        await redeemed(stack),
        await ask(stack, "SELECT units_left FROM certificates WHERE number = $1", number),
        await ask(stack, ENTRIES, number),
    )


async def redeemed(stack: Stack) -> list[str]:
    """Serial numbers of every redemption on the topic; a message that was sent again counts once, as its id says."""
    wires = await read_topics(stack.bootstrap, stack.prefix, ["registration"])
    told = {wire.id: wire.value["serial"] for wire in wires if wire.type == "certificate.redeemed.v1"}
    return sorted(told.values())


def is_whole(verdict: Verdict, rows: int) -> bool:
    """Whether every row was registered exactly once, whoever is asked: answer, ledger, topic."""
    counts = len(verdict.redeemed), len(set(verdict.redeemed)), verdict.entries, verdict.units_left
    return verdict.results == Counter(registered=rows) and counts == (rows, rows, rows, SPARE)

"""Copies are drawn one at a time: few wait, and none is drawn for somebody who has left (ACT-09)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from activation_service.copies.domain import Copy, CoveredLine
from activation_service.copies.printing import MOST_WAITING, Printer
from chassis.http.errors import ProblemError

DAY = date(2026, 11, 22)
COPY = Copy(
    brand="IBM",
    email="maintenance@ibm.example",
    number="IB-2026-000001",
    customer_id=uuid4(),
    opened_on=DAY,
    starts_on=DAY,
    ends_on=date(2029, 11, 21),
    state="active",
    last_day=date(2029, 11, 21),
    printed_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    zone=ZoneInfo("America/Toronto"),
)
LINE = CoveredLine("7812345", "9009-42A", "Repair", "mail-in", "", "2026-01", DAY, date(2029, 11, 21))


def reader(*, gone: bool = False) -> Request:
    """Somebody who asked; what the server hears of them next is that they left, or nothing."""

    async def receive() -> dict[str, str]:
        if not gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


@pytest.mark.requirement("ACT-09")
async def test_beyond_twenty_that_wait_a_copy_is_refused_with_when_to_ask_again_and_the_others_get_theirs():
    printer, large = Printer(), replace(COPY, lines=[LINE] * 100)
    asked = [asyncio.create_task(printer.draw(large, "en", reader())) for _ in range(MOST_WAITING + 4)]
    drawn = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in drawn if isinstance(one, ProblemError)]
    assert len(refused) == 3  # one is being drawn and twenty wait
    assert {(one.refusal.code, one.refusal.status) for one in refused} == {("copies-busy", 503)}
    assert refused[0].refusal.details == {"retry_after_seconds": 10}
    assert all(one.startswith(b"%PDF") for one in drawn if isinstance(one, bytes))
    assert (await printer.draw(COPY, "fr", reader())).startswith(b"%PDF")  # there is room again


@pytest.mark.requirement("ACT-09")
async def test_nothing_is_drawn_for_a_reader_who_left_while_waiting():
    printer = Printer()
    first = asyncio.create_task(printer.draw(replace(COPY, lines=[LINE] * 100), "en", reader()))
    left = asyncio.create_task(printer.draw(COPY, "en", reader(gone=True)))
    with pytest.raises(ProblemError):
        await left
    assert (await first).startswith(b"%PDF")
    assert (await printer.draw(COPY, "nl", reader())).startswith(b"%PDF")

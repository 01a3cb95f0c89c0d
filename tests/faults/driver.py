"""Runs the main job many times at once and writes down what it wanted and what it was told.

A reply that is lost (connection cut, 5xx, still in flight) is asked for again under the same key, as callers should.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any, Final
from uuid import uuid4

import httpx
from tests.faults.history import History
from tests.faults.outside import Mailbox, Sender
from tests.support.stack_of_services import Stack

BRAND: Final = "dynabook"
GOOD: Final = ("PPCP013FR-VGAD", "PT5B1E-0K601")
"""An offer and a model for it."""
REFUSED: Final = ("EXT2FR-X40", "X40-K1234")
"""Sold by registration, unknown to this activation: the unit comes back."""
LANGUAGES: Final = ("fr", "nl", "en")
PATIENCE_SECONDS: Final = 90.0
IN_FLIGHT: Final = "idempotency-key-in-flight"
_numbers = count(1)

Answer = Mapping[str, Any]


class NoAnswer(Exception):
    """A command had no final answer in time."""


class Driver:
    """Callers, buyers and a repair centre, all at once."""

    def __init__(self, stack: Stack, history: History) -> None:
        self.stack, self.history = stack, history
        self.mailbox, self.sender = Mailbox(stack), Sender(stack, history)
        self._begun = count()

    async def command(self, service: str, path: str, body: dict[str, Any]) -> tuple[int, Answer]:
        """Send a command until it has a final answer; returns status and body."""
        key = str(uuid4())
        told = {"X-Request-Id": f"story-{key}"}
        self.history.note("intent", key=key, correlation=told["X-Request-Id"], path=path, body=body)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._insist(service, path, body, key, told)
                if next(_numbers) % 5 == 0:  # a caller that forgot; the checker compares the answers
                    await self._insist(service, path, body, key, told)
                return answer
        except TimeoutError:
            raise NoAnswer(f"{path} under {key} after {PATIENCE_SECONDS:.0f} s") from None

    async def _insist(
        self, service: str, path: str, body: dict[str, Any], key: str, told: Mapping[str, str]
    ) -> tuple[int, Answer]:
        while True:
            if (answer := await self._ask(service, path, body, key, told)) is not None:
                return answer
            await asyncio.sleep(0.1)

    async def _ask(
        self, service: str, path: str, body: dict[str, Any], key: str, told: Mapping[str, str]
    ) -> tuple[int, Answer] | None:
        try:
            reply = await self.stack.post(service, path, body, key, told)
        except httpx.TransportError as error:
            self.history.note("lost", key=key, error=repr(error))
            return None
        answer = reply.json() if "json" in reply.headers.get("content-type", "") else {}
        final = reply.status_code < 500 and answer.get("code") != IN_FLIGHT
        self.history.note("answer", key=key, status=reply.status_code, body=answer, final=final)
        return (reply.status_code, answer) if final else None

    async def move_clock(self, by: timedelta) -> None:
        """Move the services' clock; noted before and after, so that the checker knows it at every moment."""
        self.history.note("clock", offset=self.stack.offset.total_seconds())
        await self.stack.advance(by)
        self.history.note("clock", offset=self.stack.offset.total_seconds())

    async def journeys(self, times: int, *, at_once: int = 6) -> None:
        """The main job that often, so many at once; an error of one ends all."""
        places = asyncio.Semaphore(at_once)

        async def one() -> None:
            async with places:
                await self.journey(next(self._begun))

        async with asyncio.TaskGroup() as group:
            for _ in range(times):
                group.create_task(one())

    async def journey(self, number: int) -> None:
        """One order and what becomes of its units, as far as this stack's services go; the number varies it."""
        quantity, (offer, model) = 1 + number % 3, REFUSED if number % 4 == 3 else GOOD
        order = await self.order(quantity, offer)
        certificate = await self.mailbox.number(order["certificate_id"])
        units = await self.register_all(certificate, model, quantity + number % 2)
        if offer == GOOD[0] and {"tickets", "credits"} <= set(self.stack.services):
            await self.repair_and_return(units[0])

    async def order(self, quantity: int, offer: str = GOOD[0], case_number: str = "") -> Answer:
        """An order that is confirmed, and once more under another key, which is refused."""
        body = {
            "brand": BRAND,
            "case_number": case_number or f"CASE-{uuid4().hex[:12]}",
            "service_reference": offer,
            "quantity": quantity,
            "buyer": person(),
        }
        status, answer = await self.command("registration", "/orders", body)
        assert status == 201, f"/orders was refused: {status} {answer}"
        status, _ = await self.command("registration", "/orders", body)
        assert status == 409, f"the same case number was taken twice: {status}"
        return answer

    async def register_all(self, certificate: str, model: str, tries: int) -> list[Answer]:
        """So many units at once with one certificate; the accepted ones."""
        bodies = [registration(certificate, model, self._days_ago(330)) for _ in range(tries)]
        replies = await asyncio.gather(*(self.command("registration", "/registrations", body) for body in bodies))
        accepted = [answer for status, answer in replies if status == 201]
        assert accepted, f"nobody could register with {certificate}: {replies}"
        return accepted

    def _days_ago(self, days: int) -> str:
        return (self.stack.now() - timedelta(days=days)).date().isoformat()

    async def repair_and_return(self, unit: Answer) -> None:
        """A unit breaks, cannot be repaired, is given back; its invoice is known by then."""
        about = {"brand": BRAND, "serial": unit["serial"], "contact_id": unit["customer_id"]}
        status, repair = await self.command("tickets", "/repair-requests", {**about, "complaint": "No picture."})
        assert status == 201, f"/repair-requests was refused: {status} {repair}"
        invoice = {
            "brand": BRAND,
            "invoice_number": f"INV-{uuid4().hex[:12]}",
            "serial": unit["serial"],
            "invoiced_on": self._days_ago(330),
            "price": {"amount": "450.00", "currency": "EUR"},
        }
        status, answer = await self.command("credits", "/invoices", invoice)
        assert status == 201, f"/invoices was refused: {status} {answer}"
        await self._assess(repair["ticket_id"], about)

    async def _assess(self, ticket_id: str, about: dict[str, Any]) -> None:
        at = self.stack.now().isoformat()
        say = self.sender.say
        await say("unit.received.v1", ticket_id, {"brand": BRAND, "ticket_id": ticket_id, "received_at": at})
        report = {"brand": BRAND, "ticket_id": ticket_id, "outcome": "not_repairable", "reported_at": at}
        await say("repair.reported.v1", ticket_id, report)
        asked = {**about, "repair_ticket_id": ticket_id, "defect": "Not repairable."}
        status, wanted = await self.command("tickets", "/return-requests", asked)
        assert status == 201, f"/return-requests was refused: {status} {wanted}"
        verdict = {"accepted": True, "grms_number": f"GRMS-{next(_numbers)}", "assessed_at": at}
        back = wanted["ticket_id"]
        await say("return.assessed.v1", back, {"brand": BRAND, "ticket_id": back, **verdict})


def person() -> dict[str, str]:
    """Somebody new."""
    number = next(_numbers)
    email = f"person-{number}-{uuid4().hex[:8]}@example.com"
    return {"name": f"Person {number}", "email": email, "language": LANGUAGES[number % 3]}


def registration(certificate: str, model: str, purchased_on: str) -> dict[str, Any]:
    """A new unit for a new customer."""
    return {
        "brand": BRAND,
        "certificate": certificate,
        "serial": f"4H{next(_numbers):07d}X",
        "model": model,
        "purchased_on": purchased_on,
        "customer": person(),
    }


@asynccontextmanager
async def driving(stack: Stack) -> AsyncIterator[Driver]:
    """A driver whose history is in the stack's directory."""
    history = History(stack.directory / "history.jsonl")
    driver = Driver(stack, history)
    reading = asyncio.create_task(driver.mailbox.read())
    try:
        yield driver
    finally:
        reading.cancel()
        history.close()

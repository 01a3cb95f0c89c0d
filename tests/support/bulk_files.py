"""Bulk files of a running registration: made, sent, followed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import asyncpg
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

HEADER: Final = (
    "serial;certificate;service_reference;purchase_date;first_name;last_name;email;company;address;postal_code;city;"
    "phone;contact_channel;model\r\n"
)
PERSON: Final = {"name": "Dealer Desk", "email": "dealer@example.com", "language": "en"}
CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUVWXYZ"


async def certificate(stack: Stack, quantity: int) -> str:
    """The number of a fresh certificate with so many units; nobody else could look into the mailer's topic."""
    body = {"brand": "dynabook", "case_number": str(uuid4()), "service_reference": "PPCP013FR-VGAD"}
    answer = await stack.post("registration", "/orders", {**body, "quantity": quantity, "buyer": PERSON})
    assert answer.status_code == 201, answer.text
    return str(
        await ask(stack, "SELECT number FROM certificates WHERE certificate_id = $1", answer.json()["certificate_id"])
    )


async def ask(stack: Stack, query: str, *arguments: Any) -> Any:
    """One value of registration's database."""
    connection = await asyncpg.connect(stack.database_url("registration"), timeout=10)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


def serial(number: int) -> str:
    """A serial number that fits dynabook, another for each number."""
    letters = ""
    for _ in range(7):
        number, place = divmod(number, len(CHARACTERS))
        letters = CHARACTERS[place] + letters
    return f"9H{letters}X"


def lines(number: str, first: int, count: int) -> Iterator[str]:
    """Rows of one certificate, each with a customer of its own."""
    bought = (datetime.now(UTC) - timedelta(days=30)).strftime("%d/%m/%Y")
    for row in range(first, first + count):
        place = f"Peeters BV;Kerkstraat {row % 90};9000;Gent;+32 9 123 45 67;email;PT5B1E-0K601"
        yield f"{serial(row)};{number};PPCP013FR-VGAD;{bought};Jan;Peeters {row};c{row}@example.com;{place}\r\n"


async def send(stack: Stack, content: bytes) -> str:
    """Send a file with an invoice; the dossier's id."""
    file, invoice = await _keep(stack, "rows.csv", content), await _keep(stack, "invoice.pdf", b"%PDF-1.7 invoice")
    body = {"brand": "dynabook", "file": file, "purchase_invoices": [invoice], "service_invoices": [invoice]}
    answer = await stack.post("registration", "/dossiers", {**body, "submitter": PERSON})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["dossier_id"])


async def _keep(stack: Stack, name: str, content: bytes) -> str:
    headers = {"Authorization": f"Bearer {stack.token}", "Idempotency-Key": str(uuid4())}
    url = f"{stack.url('registration')}/documents"
    answer = await stack.client.post(url, params={"name": name}, content=content, headers=headers, timeout=120)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document_id"])


async def shown(stack: Stack, dossier: str) -> dict[str, Any]:
    """A dossier as its sender sees it."""
    told: dict[str, Any] = (await stack.get("registration", f"/dossiers/{dossier}")).raise_for_status().json()
    return told


async def finished(stack: Stack, dossier: str, seconds: float) -> dict[str, Any]:
    """The dossier once every row has its outcome."""

    async def over() -> dict[str, Any] | None:
        told = await shown(stack, dossier)
        return told if told["state"] in ("completed", "refused") else None

    told = await until(over, "the end of the dossier", seconds, every=0.25)
    assert told is not None
    return told

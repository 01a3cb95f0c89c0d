"""Somebody who sends bulk files, and the errand that works them off."""

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from registration_service.dossiers.runner import Runner

from .conftest import Desk

COLUMNS: Final = (
    "serial", "certificate", "service_reference", "purchase_date", "first_name", "last_name", "email", "company",
    "address", "postal_code", "city", "phone", "contact_channel", "model",
)  # fmt: skip
PDF: Final = b"%PDF-1.7 an invoice"
SENDER: Final = {"name": "Dealer Desk", "email": "dealer@example.com", "language": "en"}
CLAIMS: Final = {"sub": "dealer"}
UPLOADS: Final = asyncio.Semaphore(6)
"""Fewer at once than a process takes."""


@dataclass
class Bulk:
    """The sender."""

    desk: Desk
    claims: Mapping[str, str] = field(default_factory=lambda: CLAIMS)

    async def keep(self, content: bytes, name: str = "november.csv") -> str:
        """Keep a file; its id."""
        headers = {**self.desk.room._headers(None, "en", self.claims), "Idempotency-Key": str(uuid4())}
        async with UPLOADS:
            answer = await self.desk.room.client.post(f"/documents?name={name}", content=content, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["document_id"])

    async def command(self, content: bytes, **changes: Any) -> dict[str, Any]:
        """The command that sends a file, everything in it kept."""
        file = changes.pop("file", None) or await self.keep(content)
        invoice = await self.keep(PDF, "invoice.pdf")
        usual = {"brand": "dynabook", "file": file, "purchase_invoices": [invoice], "service_invoices": [invoice]}
        return {**usual, "submitter": SENDER, **changes}

    async def send(self, content: bytes, **changes: Any) -> httpx.Response:
        """Send a file."""
        return await self.desk.room.post("/dossiers", await self.command(content, **changes), claims=self.claims)

    async def open(self, content: bytes, **changes: Any) -> str:
        """Send a file that is taken on; its id."""
        answer = await self.send(content, **changes)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["dossier_id"])

    async def work(self) -> None:
        """Let the errand work until only parked rows are left."""
        await Runner(self.desk.room.database).work_off()

    async def done(self, content: bytes, **changes: Any) -> str:
        """Send a file and let it be worked off; its id."""
        dossier = await self.open(content, **changes)
        await self.work()
        return dossier

    async def get(self, dossier: str, path: str = "", **how: Any) -> httpx.Response:
        """Something about a file."""
        return await self.desk.room.get(
            f"/dossiers/{dossier}{path}".replace("/?", "?"), **{"claims": self.claims, **how}
        )

    async def state(self, dossier: str) -> dict[str, Any]:
        """A file as it is shown."""
        answer = await self.get(dossier)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def outcomes(self, dossier: str, **how: Any) -> list[dict[str, Any]]:
        """Its rows, over all pages."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = (await self.get(dossier, f"/rows?limit=200{cursor}", **how)).json()
            rows += page["items"]
            if page["next_cursor"] is None:
                return rows
            cursor = f"&cursor={page['next_cursor']}"

    async def words(self, dossier: str) -> list[str]:
        """The outcome of each row; its code for refused ones."""
        rows = await self.outcomes(dossier)
        return [row["code"] if row["outcome"] == "refused" else row["outcome"] for row in rows]

    async def answer(self, dossier: str, language: str = "en") -> bytes:
        """The file that comes back."""
        answer = await self.get(dossier, "/answer", language=language)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def both(self, content: bytes, **changes: Any) -> list[str]:
        """Send a file in earnest to many errands at once."""
        dossier = await self.open(content, **changes)
        await asyncio.gather(*(self.work() for _ in range(4)))
        return await self.words(dossier)

    def row(self, certificate: str, **changes: str) -> dict[str, str]:
        """A row with something sensible in every cell that a test does not name."""
        usual = {
            "serial": self.desk.serial(),
            "certificate": certificate,
            "service_reference": "PPCP013FR-VGAD",
            "purchase_date": "20/11/2026",
            "first_name": "Jan",
            "last_name": "Peeters",
            "email": "jan.peeters@example.com",
            "company": "Peeters BV",
            "address": "Kerkstraat 12",
            "postal_code": "9000",
            "city": "Gent",
            "phone": "+32 9 123 45 67",
            "contact_channel": "email",
            "model": "PT5B1E-0K601",
        }
        return usual | changes


def table(rows: Iterable[Mapping[str, str]], delimiter: str = ";", columns: Sequence[str] = COLUMNS) -> str:
    """Rows as CSV text with a header and CRLF."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def utf8(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Rows as the template has them: UTF-8 with byte order mark, semicolons."""
    return b"\xef\xbb\xbf" + table(rows).encode()


def read(content: bytes, encoding: str = "utf-8-sig", delimiter: str = ";") -> list[dict[str, str]]:
    """A CSV file as a spreadsheet would read it."""
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))

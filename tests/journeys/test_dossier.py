"""A dealer's file of products: from its upload to an outcome for each row and a service for each good one (REG-19)."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Self
from uuid import uuid4

import pytest
from tests.journeys.brands import PLAYED
from tests.journeys.mailbox import Mailbox
from tests.journeys.people import Somebody, administrator, order_for, server
from tests.journeys.test_order_to_credit import UNITS
from tests.support.stack_of_services import Stack
from tests.support.waiting import until

from aftercare_local.demo.watch import Watch

BULK: Final = PLAYED[0]
HEADINGS: Final = (
    "N° de série", "Numéro de certificat", "Référence du service", "Date d'achat", "Prénom", "Nom", "E-mail", "Société",
    "Adresse", "Code postal", "Ville", "Téléphone", "Moyen de contact", "Modèle", "Langue",
)  # fmt: skip
NOWHERE: Final = "FCAAAAAAAAAA"
ANSWER: Final = ("aftercare_result", "aftercare_column", "aftercare_message")


@dataclass
class File:
    """A dealer's file as a French spreadsheet program writes it: Windows-1252, semicolons, days first.

    Its rows: one good, one of a known person, one with a mistyped serial, one without its model, one with a certificate
    that nobody ever issues.
    """

    dealer: Somebody
    certificate: str
    serials: list[str]
    day: str
    customer: str = field(default_factory=lambda: f"zoe-{uuid4().hex[:10]}@example.org")

    @classmethod
    async def of(cls, dealer: Somebody) -> Self:
        certificate = await dealer.mailbox.certificate(await order_for(dealer, BULK.reference, 5))
        serials = [BULK.unit(next(UNITS)) for _ in range(5)]
        serials[2] = serials[2].replace("9H0", "9HO").replace("X", "S")  # S is in no serial number of this brand
        return cls(dealer, certificate, serials, BULK.today(dealer.stack.now()).strftime("%d/%m/%Y"))

    def content(self) -> bytes:
        """The bytes that are uploaded."""
        usual = [
            "Zoë",
            "Müller-Lefèvre",
            self.customer,
            "Café “Œuvre”",
            "Rue Haute, 3",
            "1000",
            "Liège",
            "",
            "courriel",
        ]
        out = io.StringIO(newline="")
        lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
        lines.writerow(HEADINGS)
        for place, serial in enumerate(self.serials):
            certificate, model = NOWHERE if place == 4 else self.certificate, "" if place == 3 else BULK.model
            lines.writerow([serial, certificate, BULK.reference, self.day, *usual, model, "nl"])
        return out.getvalue().encode("cp1252")

    async def send(self, *, dry_run: bool = False) -> str:
        """Upload the file with its invoices and have it worked off; returns the dossier's id."""
        file = await self.dealer.keep("novembre.csv", self.content())
        invoices = [[await self.dealer.keep(f"{kind}.pdf")] for kind in ("achat", "service")]
        body = {"file": file, "purchase_invoices": invoices[0], "service_invoices": invoices[1], "dry_run": dry_run}
        return str((await self.dealer.do("/dossiers", {"brand": BULK.brand, **body}))["dossier_id"])

    async def answer(self, dossier: str) -> list[tuple[str, str]]:
        """Result and column of each row of the answer, which is the file as it came with three columns more."""
        got = await self.dealer.ask(f"/dossiers/{dossier}/answer", **{"Accept-Language": self.dealer.language})
        assert got.headers["content-type"] == "text/csv; charset=windows-1252"
        for came, went in zip(self.content().splitlines(), got.content.splitlines(), strict=True):
            assert went.startswith(came + b";")
        rows = list(csv.DictReader(io.StringIO(got.content.decode("cp1252"), newline=""), delimiter=";"))
        return [(row[ANSWER[0]], row[ANSWER[1]]) for row in rows]

    async def reaches(self, dossier: str, state: str) -> dict[str, Any]:
        """The dossier once it is in that state."""

        async def there() -> dict[str, Any]:
            shown = await self.dealer.read(f"/dossiers/{dossier}")
            return shown if shown["state"] == state else {}

        return await until(there, f"a dossier that is {state}")

    async def units_left(self) -> int:
        """On the certificate."""
        return int((await self.dealer.read(f"/registration-form?certificate={self.certificate}"))["units_left"])


async def events(dealer: Somebody, dossier: str) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    """Name and data of each server-sent event about a dossier, until the stream ends."""
    url, name = f"{dealer.stack.url('registration')}/dossiers/{dossier}/progress", ""
    async with dealer.stack.client.stream("GET", url, headers=dealer._headers(), timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            label, _, told = line.partition(": ")
            name = told if label == "event" else name
            if label == "data":
                yield name, json.loads(told)


async def follow_to_the_end(file: File, dossier: str) -> dict[str, Any]:
    """Hear the progress; tell the model when rows wait for it, let the last day pass; returns what came at the end."""
    stack, told = file.dealer.stack, set[int]()
    unit = {"serial": file.serials[3], "model": BULK.model}
    async with aclosing(events(file.dealer, dossier)) as heard:
        async for name, shown in heard:
            parked = shown["outcomes"]["parked"]
            if name == "done":
                assert told == {2, 1}
                return shown
            if shown["state"] == "waiting" and parked not in told:
                told.add(parked)
                if parked == 2:
                    assert (shown["done"], shown["failed"]) == (3, 1)
                    await server(stack, "gateway").do("/units", {"brand": BULK.brand, "units": [unit]})
                else:
                    await stack.advance(timedelta(days=8))
    raise AssertionError("the stream ended before the dossier did")


@pytest.mark.requirement("REG-19", "REG-20", "REG-21", "REG-22", "ACT-01", "NTF-01", "NTF-03")
async def test_from_a_file_with_its_invoices_to_a_service_for_each_good_row(stack: Stack, watch: Watch) -> None:
    dealer = await administrator(stack, BULK.brand, "Anne Peeters", "fr")
    file = await File.of(dealer)
    rehearsal = await file.send(dry_run=True)
    foreseen = (await file.reaches(rehearsal, "completed"))["outcomes"]
    assert [foreseen[one] for one in ("would_register", "would_park", "refused")] == [2, 2, 1]
    wrong = ("serial-malformed", "N° de série")
    assert (await file.answer(rehearsal))[2] == wrong
    assert await file.units_left() == 5

    dossier = await file.send()
    received = (await watch.event("dossier.received.v1", dossier_id=dossier)).data
    assert (received["purchase_invoices"], received["size_bytes"]) == (1, len(file.content()))
    shown = await follow_to_the_end(file, dossier)
    assert (shown["state"], shown["done"], shown["failed"], shown["late"]) == ("completed", 5, 2, False)
    good = ("registered", "")
    assert await file.answer(dossier) == [good, good, wrong, good, ("parked-too-long", "Numéro de certificat")]
    completed = (await watch.event("dossier.completed.v1", dossier_id=dossier)).data
    assert [completed[one] for one in ("rows", "registered", "refused", "problem")] == [5, 3, 2, None]
    assert completed["submitter_id"] == dealer.claims["contact"]
    assert watch.heard("dossier.received.v1", dossier_id=rehearsal) == []

    registered = [file.serials[place] for place in (0, 1, 3)]
    for serial in registered:
        await watch.event("service.activated.v1", serial=serial)
    mail = await dealer.mailbox.mail("Votre fichier est traité : 3 lignes sur 5 enregistrées")
    assert f"GET /dossiers/{dossier}/answer" in mail["text"]
    await Mailbox(stack, file.customer).subjects(2 * len(registered))
    assert await Mailbox(stack, file.customer).languages() == {"nl"}
    await the_corrected_file_registers_the_corrected_row_alone(file, watch)


async def the_corrected_file_registers_the_corrected_row_alone(file: File, watch: Watch) -> None:
    """Whoever mends a row sends the whole file again; no row is registered twice, and no unit is taken twice."""
    file.serials[2] = BULK.unit(next(UNITS))
    dossier = await file.send()
    await file.reaches(dossier, "waiting")
    await watch.event("service.activated.v1", serial=file.serials[2])
    again = ("already_registered", "")
    assert await file.answer(dossier) == [again, again, ("registered", ""), again, ("parked", "Numéro de certificat")]
    assert await file.units_left() == 1
    redeemed = [watch.heard("certificate.redeemed.v1", serial=serial) for serial in file.serials]
    assert [len(facts) for facts in redeemed] == [1, 1, 1, 1, 0]

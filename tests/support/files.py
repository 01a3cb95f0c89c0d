"""One file of every kind for each actor of a world: what REG-06 says who may see, made over HTTP alone."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from tests.support.waiting import until
from tests.support.world import BRAND, Actor, World, done, email_of

from event_schemas.registration_mail import CertificateIssued

MODEL: Final = "PT5B1E-0K601"
REFERENCE: Final = "PPCP013FR-VGAD"
TODAY: Final = "2026-11-22"
LATER: Final = "2027-01-15"


@dataclass
class Files:
    """`makers` tells who has made which file: the name of its id in paths and answers, the id itself, the actor."""

    world: World
    makers: dict[str, dict[str, Actor]] = field(default_factory=lambda: defaultdict(dict))
    answers: list[Any] = field(default_factory=list)
    """What the commands answered on the way."""

    async def begin(self) -> "Files":
        """Let every actor make what their scopes allow; returns when the dossiers are done."""
        gateway, staff = self.world["gateway"], self.world["staff"]
        await self._order(gateway)
        async with errands(self.world):
            for actor in [one for one in self.world.actors.values() if one.may("documents:write")]:
                await self._make_all(actor, staff if actor is gateway else gateway)
            await until(self._dossiers_done, "the end of every dossier")
        for dossier, maker in self.makers["dossier_id"].items():
            for row in done(await staff.get(f"/dossiers/{dossier}/rows"))["items"]:
                self._note(maker, row, "product_id", "redemption_id")
        return self

    def sees(self, actor: Actor, maker: Actor, name: str) -> bool:
        """What REG-06 says of a file of a maker, by the name of its id."""
        return actor.sees_files_of(maker, branded=name != "document_id")

    def one_of_each(self, name: str) -> Mapping[str, Actor]:
        """The last file of a kind of each maker, by its id."""
        last = {maker.name: file for file, maker in self.makers[name].items()}
        return {file: self.world[maker] for maker, file in last.items()}

    def _note(self, maker: Actor, told: Mapping[str, Any], *names: str) -> None:
        for name in names:
            self.makers[name][told[name]] = maker

    async def _make_all(self, actor: Actor, holder: Actor) -> None:
        """One of each, and a contest with `holder` about a product of theirs."""
        invoice = await self._document(actor)
        if actor.claims.get("brand", BRAND) != BRAND:
            return
        if actor.may("orders:write"):
            await self._order(actor)
        await self._register(actor, self._serial())
        await self._transfer(actor)
        await self._move(actor)
        await self._contest(actor, holder)
        if actor.may("dossiers:write"):
            await self._dossier(actor, invoice)

    async def _send(self, actor: Actor, path: str, body: Any, *names: str) -> dict[str, Any]:
        told = done(await actor.post(path, body))
        self.answers.append(told)
        self._note(actor, told, *names)
        return told

    async def _document(self, actor: Actor, name: str = "invoice.pdf", content: bytes = b"%PDF-1.7 an invoice") -> str:
        kept = done(await actor.post(f"/documents?name={name}", content=content))
        self.answers.append(kept)
        self._note(actor, kept, "document_id")
        return str(kept["document_id"])

    async def _order(self, actor: Actor) -> None:
        case = f"FR-2026-{next(self.world.numbers):06}"
        body = {"case_number": case, "service_reference": REFERENCE, "quantity": 100, "buyer": person(f"Buyer{case}")}
        await self._send(actor, "/orders", {"brand": BRAND, **body}, "certificate_id")
        self.certificate = (await self.world.said(CertificateIssued)).certificate_number

    def _serial(self) -> str:
        return f"9H{next(self.world.numbers):07}X"

    async def _register(self, actor: Actor, serial: str, *names: str) -> Any:
        """The answer's product, noted as the actor's unless other names are given."""
        own = actor.claims["role"] == "end-customer"
        customer = person(actor.name if own else f"Customer{uuid4().hex}")
        body: dict[str, Any] = {
            "certificate": self.certificate,
            "serial": serial,
            "model": MODEL,
            "purchased_on": TODAY,
        }
        body |= {"brand": BRAND, "customer": customer}
        return await self._send(actor, "/registrations", body, *(names or ("product_id", "redemption_id")))

    async def register_for(self, actor: Actor, customer: Actor) -> Any:
        """A product that is registered on behalf of a customer who has an account."""
        body = {"brand": BRAND, "certificate": self.certificate, "serial": self._serial(), "model": MODEL}
        body |= {"purchased_on": TODAY, "registered_as": "reseller", "customer": person(customer.name)}
        return done(await actor.post("/registrations", body))

    async def _transfer(self, actor: Actor) -> None:
        product = await self._register(actor, self._serial())
        buyer = person(f"New{uuid4().hex}")
        body = {"kind": "sale", "transferred_on": LATER, "reason": "Sold.", "new_customer": buyer}
        await self._send(actor, "/transfers", {"product_id": product["product_id"], **body}, "transfer_id")

    async def _move(self, actor: Actor) -> None:
        product = await self._register(actor, self._serial())
        there = {"street": "Bahnhofstrasse 1", "postal_code": "8001", "city": "Zürich"}
        body = {"from_country": "FR", "to_country": "CH", "new_address": there, "planned_on": LATER, "reason": "Moves."}
        await self._send(actor, "/moves", {"product_id": product["product_id"], **body}, "move_id")

    async def _contest(self, actor: Actor, holder: Actor) -> None:
        serial = self._serial()
        await self._register(holder, serial)
        await self._register(actor, serial, "contest_id")

    async def _dossier(self, actor: Actor, invoice: str) -> None:
        table = await self._table(actor)
        body: dict[str, Any] = {"brand": BRAND, "file": await self._document(actor, "november.csv", table)}
        body |= {"purchase_invoices": [invoice], "service_invoices": [invoice]}
        if "contact" not in actor.claims:
            body["submitter"] = person("Desk")
        await self._send(actor, "/dossiers", body, "dossier_id")

    async def _table(self, actor: Actor) -> bytes:
        """The template with one row in it."""
        template = (await actor.get(f"/dossiers/template?brand={BRAND}")).content
        row = {"serial": self._serial(), "certificate": self.certificate, "service_reference": REFERENCE}
        row |= {"purchase_date": TODAY, "first_name": "Jan", "last_name": "Peeters", "email": email_of(uuid4().hex)}
        columns = template.decode("utf-8-sig").strip().split(";")
        assert row.keys() <= set(columns), columns
        row["model"] = MODEL
        columns += [] if "model" in columns else ["model"]
        return f"{';'.join(columns)}\r\n{';'.join(row.get(name, '') for name in columns)}\r\n".encode()

    async def _dossiers_done(self) -> bool:
        listed = done(await self.world["staff"].get("/dossiers?limit=200"))["items"]
        return all(one["state"] == "completed" for one in listed)


def person(name: str) -> dict[str, str]:
    """Somebody with an address of their own."""
    return {"name": f"{name} Martin", "email": email_of(name), "language": "fr"}


@asynccontextmanager
async def errands(world: World) -> AsyncIterator[None]:
    """The service's lasting work goes on, as in its relay's process."""
    room, stop = world.room, asyncio.Event()
    running = [asyncio.create_task(one(room.database, room.app.state.settings, stop)) for one in room.service.errands]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)

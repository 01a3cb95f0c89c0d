"""One file of every kind of activation for each actor of a world: heard from registration, or made over HTTP."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from tests.support.world import BRAND, Actor, World, done
from uuid6 import uuid7

from event_schemas.activation import ServiceActivated
from event_schemas.activation_contracts import ContractOpened
from event_schemas.registration import CertificateRedeemed, ProductRegistered

MODEL: Final = "PT5B1E-0K601"
REFERENCE: Final = "PPCP013FR-VGAD"
TERMS: Final = "2026-01"
TODAY: Final = "2026-11-22"
HERE: Final = {"street": "Kerkstraat 12", "postal_code": "9000", "city": "Gent", "country": "BE"}


@dataclass
class ActivationFiles:
    """`makers` tells whose each file is: the name of its id in paths and answers, the id itself, the actor."""

    world: World
    makers: dict[str, dict[str, Actor]] = field(default_factory=lambda: defaultdict(dict))

    async def begin(self) -> "ActivationFiles":
        """Let every actor of the brand have one of each."""
        for actor in [one for one in self.world.actors.values() if one.may("activations:write")]:
            if actor.claims.get("brand", BRAND) == BRAND:
                await self._make_all(actor)
        for item in done(await self.world["staff"].get("/licences?limit=200"))["items"]:
            self.makers["licence_id"][item["licence_id"]] = self.makers["product_id"][item["product_id"]]
        return self

    def sees(self, actor: Actor, maker: Actor, name: str) -> bool:
        """What REG-06 says; a site of a person's own is theirs as its customer too, wherever they work by now."""
        own = name == "site_number" and maker.organisation is None and "contact" in maker.claims
        same_person = own and actor.claims.get("contact") == maker.claims["contact"]
        return same_person or actor.sees_files_of(maker, branded=name != "document_id")

    def one_of_each(self, name: str) -> Mapping[str, Actor]:
        """The last file of a kind of each maker, by its id."""
        last = {maker.name: file for file, maker in self.makers[name].items()}
        return {file: self.world[maker] for maker, file in last.items()}

    async def _make_all(self, actor: Actor) -> None:
        await self._service(actor, await self._product(actor))
        product = str((await self._product(actor)).product_id)
        dispute = {"product": {"product_id": product}, "statement": "It is covered."}
        await self._send(actor, "/disputes", dispute, "dispute_id")
        server = {"customer_id": str(uuid4())} if actor.may("files:all") else {}
        here, there = ({**HERE, "street": f"Kerkstraat {next(self.world.numbers)}"} for _ in range(2))
        site = {"brand": BRAND, "name": "Home", "address": here, **server}
        number = (await self._send(actor, "/sites", site, "site_number"))["site_number"]
        item: dict[str, Any] = {"product_id": product, "service_reference": REFERENCE, "terms_version": TERMS}
        item |= {"code": "FC7KQ3MXT9WA", "purchased_on": TODAY, "site_number": number, "product_address": there}
        await self._send(actor, "/activation-requests", {"brand": BRAND, "items": [item]}, "request_id")
        kept = done(await actor.post("/documents?name=invoice.pdf", content=b"%PDF-1.7 an invoice"))
        self.makers["document_id"][kept["document_id"]] = actor

    async def _send(self, actor: Actor, path: str, body: Any, name: str) -> dict[str, Any]:
        told = done(await actor.post(path, body))
        self.makers[name][told[name]] = actor
        return told

    async def _product(self, actor: Actor) -> ProductRegistered:
        """A product of a customer without an account, so that only its file's owner and their organisation see it."""
        organisation = actor.organisation
        registered = ProductRegistered.model_validate(
            {
                "brand": BRAND,
                "product_id": uuid7(),
                "serial": f"9H{next(self.world.numbers):07}X",
                "model": MODEL,
                "purchased_on": TODAY,
                "warranty_ends_on": "2027-11-21",
                "customer_id": uuid4(),
                "organisation_id": organisation,
                "registered_by": f"{actor.claims['sub']}@{organisation}" if organisation else actor.claims["sub"],
            }
        )
        await self.world.room.hear(registered)
        self.makers["product_id"][str(registered.product_id)] = actor
        return registered

    async def _service(self, actor: Actor, product: ProductRegistered) -> None:
        shared = product.model_dump(include={"brand", "product_id", "serial", "model", "customer_id"})
        unit = {"redemption_id": uuid4(), "certificate_id": uuid4(), "service_reference": REFERENCE}
        await self.world.room.said()
        await self.world.room.hear(CertificateRedeemed.model_validate(shared | unit))
        for fact in await self.world.room.said():
            if isinstance(fact, ServiceActivated):
                self.makers["activation_id"][str(fact.activation_id)] = actor
            if isinstance(fact, ContractOpened):
                self.makers["contract_id"][str(fact.contract_id)] = actor

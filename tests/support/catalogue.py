"""The catalogue as activation publishes it: what a room or a stack without activation has heard (ACT-04)."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

import httpx
from tests.architecture.tree import BRANDS, package_of
from tests.support.policies import FILES, SIXTH
from tests.support.records import record_of
from tests.support.topics import publish
from tests.support.waiting import until

from chassis.codec import Record
from event_schemas.activation_offers import Names, OfferPublished


def files() -> list[Path]:
    """Activation's policy files: the shipped brands and the sixth."""
    shipped = [package_of("activation") / "policies" / f"{brand}.toml" for brand in BRANDS]
    return [*shipped, FILES / "activation" / f"{SIXTH}.toml"]


def offers(policies: Iterable[Path] = ()) -> list[OfferPublished]:
    """What is published at the first start with these policy files; with the shipped and the sixth unless given."""
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in policies or files()]
    return [offer(policy["brand"], **entry) for policy in read for entry in policy["offers"]]


def offer(brand: str = "dynabook", revision: int = 1, *, on_sale: bool = True, **entry: Any) -> OfferPublished:
    """A policy's entry as it is published; a name of one text stands for all languages."""
    usual = {"duration_months": 12, "response_level": "mail-in", "models": ["*"], "terms_version": "2026-01"}
    said = {**usual, **entry}
    name = said.pop("name", said["reference"])
    return OfferPublished(
        brand=brand,
        offer_id=uuid5(NAMESPACE_URL, f"offer:{brand}/{said['reference']}"),
        revision=revision,
        names=Names(**(name if isinstance(name, dict) else dict.fromkeys(("en", "fr", "nl"), name))),
        on_sale=on_sale,
        **{field: value for field, value in said.items() if field in OfferPublished.model_fields},
    )


def records(published: Sequence[OfferPublished], first_offset: int = 1_000_000) -> list[Record]:
    """The facts as a delivery takes them, at offsets that no test of a room uses."""
    return [record_of(fact, first_offset + place) for place, fact in enumerate(published)]


class Asked(Protocol):
    """What is needed of a running stack."""

    @property
    def services(self) -> tuple[str, ...]: ...
    @property
    def bootstrap(self) -> str: ...
    def topic(self, name: str) -> str: ...
    async def get(self, service: str, path: str, **query: str) -> httpx.Response: ...


async def heard(stack: Asked, also: Sequence[OfferPublished] = ()) -> None:
    """Returns when registration sells what activation says, and `also` what an outsider says in its name.

    In a stack without activation that is the whole catalogue.
    """
    if "registration" not in stack.services:
        return
    said = [*(() if "activation" in stack.services else offers()), *also]
    if said:
        await publish(stack.bootstrap, stack.topic("activation"), records(said))
    wanted = {(one.brand, one.reference) for one in said}

    async def all_sold() -> bool:
        sold = {view["brand"]: {one["reference"] for one in view["services"]} for view in await _brands(stack)}
        own = {(brand, reference) for brand in sold for reference in await _published(stack, brand)}
        known = [reference in sold[brand] for brand, reference in own | wanted if brand in sold]
        return all(sold.values()) and all(known)

    await until(all_sold, "registration's knowledge of every brand's offers", 60)


async def _brands(stack: Asked) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await stack.get("registration", "/brands")).json()["items"]
    return items


async def _published(stack: Asked, brand: str) -> list[str]:
    """What activation says it sells."""
    if "activation" not in stack.services:
        return []
    answer = await stack.get("activation", "/offers", brand=brand, on_sale="true")
    return [one["reference"] for one in answer.json().get("items", ())]

"""What can be bought, and for which models (ACT-01, ACT-04)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Final
from uuid import UUID, uuid5

from activation_service.policy import Offer
from event_schemas.activation import ActivationRefusal
from event_schemas.activation_offers import Names, OfferPublished, TransferRule

_NAMESPACE: Final = UUID("5d0f5a52-6c1d-5b0e-9f0a-2f4f9a7d3c11")
"""Ids of offers are made in it, so that every process makes the same one."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An offer as it stands in the catalogue."""

    brand: str
    offer: Offer
    revision: int = 1
    """Counts up with every change."""
    on_sale: bool = True
    """False: nothing new is sold; what was sold can still be used."""
    entry_digest: str | None = None
    """Of the policy's entry that was last published; None when the policy has none."""

    @property
    def offer_id(self) -> UUID:
        """The same for a brand's reference wherever it is made."""
        return uuid5(_NAMESPACE, f"{self.brand}/{self.offer.reference}")

    @property
    def published(self) -> OfferPublished:
        """The fact that it stands so from now on."""
        said = self.offer
        return OfferPublished(
            brand=self.brand,
            offer_id=self.offer_id,
            revision=self.revision,
            reference=said.reference,
            names=Names.model_validate(said.name.model_dump()),
            duration_months=said.duration_months,
            response_level=said.response_level,
            models=said.models,
            extends_warranty=said.extends_warranty,
            code_days=said.code_days,
            terms_version=said.terms_version,
            transfer=TransferRule(said.transfer),
            on_sale=self.on_sale,
        )


def covers(offer: Offer, model: str) -> bool:
    """Whether one of the offer's patterns fits this model."""
    return any(fnmatchcase(model, pattern) for pattern in offer.models)


def applicable(offers: Iterable[Offer], model: str | None) -> list[Offer]:
    """Those for one model when it is named, in the same order."""
    return [offer for offer in offers if model is None or covers(offer, model)]


def usable(offer: Offer | None, model: str) -> Offer | ActivationRefusal:
    """The offer when there is one and it is for this model, else why not."""
    if offer is None:
        return ActivationRefusal.OFFER_UNKNOWN
    return offer if covers(offer, model) else ActivationRefusal.MODEL_NOT_COVERED


def content_of(offer: Offer) -> str:
    """An offer as JSON, the same text for the same offer; a field that a later release adds does not change it."""
    return json.dumps(offer.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)


def digest_of(entry: Offer) -> str:
    """What tells whether a policy's entry has changed."""
    return hashlib.sha256(content_of(entry).encode()).hexdigest()


def news(brand: str, shipped: Mapping[str, Offer], listed: Mapping[str, Listed]) -> list[Listed]:
    """What the policy says anew: entries that are new or changed, and those that are gone, which are not on sale.

    A command's change of an offer stays as long as the policy's entry does not change.
    """
    said = [_as_entered(brand, entry, listed.get(reference)) for reference, entry in shipped.items()]
    gone = [one for reference, one in listed.items() if one.entry_digest is not None and reference not in shipped]
    dropped = [replace(one, revision=one.revision + 1, on_sale=False, entry_digest=None) for one in gone]
    return [one for one in said if one] + dropped


def _as_entered(brand: str, entry: Offer, before: Listed | None) -> Listed | None:
    digest = digest_of(entry)
    if before is None:
        return Listed(brand, entry, entry_digest=digest)
    if before.entry_digest == digest:
        return None
    return replace(before, offer=entry, revision=before.revision + 1, on_sale=True, entry_digest=digest)


def changed(listed: Listed, changes: Mapping[str, Any]) -> Listed:
    """With other content or on sale again, as the next revision; the same one when nothing is new."""
    said = {name: value for name, value in changes.items() if name != "on_sale"}
    offer = Offer.model_validate({**listed.offer.model_dump(), **said})
    on_sale = changes.get("on_sale", listed.on_sale)
    if (offer, on_sale) == (listed.offer, listed.on_sale):
        return listed
    return replace(listed, offer=offer, on_sale=on_sale, revision=listed.revision + 1)


def withdrawn(listed: Listed) -> Listed:
    """Off sale, as the next revision; the same one when it is off sale already."""
    return replace(listed, on_sale=False, revision=listed.revision + 1) if listed.on_sale else listed

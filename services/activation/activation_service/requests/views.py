"""An activation request as its sender, the products' customers and staff see it (ACT-02, ACT-05)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, get_args

from activation_service.offers.domain import applicable
from activation_service.policy import Offer
from activation_service.requests.answers import (
    ItemProblem,
    ItemView,
    OfferChoice,
    RequestView,
    ReviewView,
    RunningView,
)
from activation_service.requests.domain import OPEN, Item, Reason, State, name_of
from activation_service.requests.store import Request
from chassis.caller import FILES_ALL, Caller
from chassis.http.problems import Phrased, phrase
from chassis.transact import Refusal

PACKAGE: Final = "activation_service"
"""Where the texts are."""
SITES_READ: Final = "sites:read"
ADDRESS: Final = "/product_address"
WITH_OFFERS: Final = ("offer-unknown", "offer-not-applicable", "code-other-service", "code-model-not-covered")
"""Refusals beside which the offers that are for the product are shown."""


@dataclass(frozen=True, slots=True)
class Told:
    """For whom it is told."""

    language: str
    offers: Sequence[Offer]
    """The brand's."""
    by: Caller

    @property
    def addresses(self) -> bool:
        """Whether they may read addresses: those of sites, and those of what is their own."""
        return SITES_READ in self.by.scopes or FILES_ALL not in self.by.scopes

    def phrased(self, reason: Reason) -> Phrased:
        """Why something was refused, in their language."""
        refusal = Refusal(reason.code, 422, reason.pointer, reason.value, reason.accepted, reason.details)
        return phrase(PACKAGE, self.language, refusal)

    def name_of(self, reference: str) -> str:
        """What a service is called in their language."""
        offer = next((one for one in self.offers if one.reference == reference), None)
        return name_of(offer, reference, self.language)


def request_view(request: Request, items: Sequence[Item], told: Told, now: datetime) -> RequestView:
    """A request with those of the items that are its own."""
    own = [item for item in items if item.request_id == request.request_id]
    counts = {state: sum(item.state == state for item in own) for state in get_args(State)}
    return RequestView(
        request_id=request.request_id,
        brand=request.brand,
        requested_at=request.requested_at,
        **counts,
        items=[item_view(item, told, now) for item in own],
    )


def item_view(item: Item, told: Told, now: datetime) -> ItemView:
    """One item for its reader."""
    names = ("item_id", "position", "state", "product_id", "serial", "model", "service_reference", "terms_version")
    columns = {name: getattr(item, name) for name in (*names, "purchased_on", "activation_id", "settled_at")}
    since = _waiting_since(item)
    return ItemView(
        **columns,
        service_name=told.name_of(item.service_reference),
        terms_accepted_at=item.requested_at if item.terms_version else None,
        site_number=item.site.number if item.site else None,
        problem=_problem(item, told),
        running=RunningView(**item.running) if item.running else None,
        applicable_offers=_choices(item, told),
        review=_review(item, told),
        waiting_since=since,
        waiting_hours=int((now - since).total_seconds() // 3600) if since else None,
    )


def _waiting_since(item: Item) -> datetime | None:
    if item.state not in OPEN:
        return None
    return item.settled_at or item.requested_at


def _problem(item: Item, told: Told) -> ItemProblem | None:
    if item.reason is None:
        return None
    reason = _with_choices(item.reason, item, told)
    if reason.pointer.startswith(ADDRESS) and not told.addresses:
        reason = replace(reason, value=None)
    phrased = told.phrased(reason)
    return ItemProblem(
        code=phrased.code,
        title=phrased.title,
        detail=phrased.detail,
        pointer=f"/items/{item.position}{phrased.pointer}",
        value=phrased.value,
        accepted=phrased.accepted,
    )


def _with_choices(reason: Reason, item: Item, told: Told) -> Reason:
    """A refusal of registration or of the unit does not know what the product can have: it is told when it is read."""
    choices = _choices(item, told) if reason.accepted is None and reason.pointer == "/service_reference" else None
    return reason if choices is None else replace(reason, accepted=[one.reference for one in choices])


def _choices(item: Item, told: Told) -> list[OfferChoice] | None:
    if item.reason is None or item.reason.code not in WITH_OFFERS or item.model is None:
        return None
    return [
        OfferChoice(reference=one.reference, name=one.name.speak(told.language), terms_version=one.terms_version)
        for one in applicable(told.offers, item.model)
    ]


def _review(item: Item, told: Told) -> ReviewView | None:
    if not item.mismatch or item.site_address is None or item.product_address is None:
        return None
    decided = item.reviewed_at is not None
    return ReviewView(
        site_address=item.site_address if told.addresses else None,
        product_address=item.product_address if told.addresses else None,
        differences=list(item.differences),
        released=item.review_reason is None if decided else None,
        reviewed_at=item.reviewed_at,
        reason=item.review_reason,
    )

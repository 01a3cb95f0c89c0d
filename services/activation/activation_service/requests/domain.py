"""One product of an activation request, from its code to what becomes of it (ACT-02, ACT-05)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from activation_service.activations.domain import Activation
from activation_service.policy import Offer
from activation_service.sites.domain import Address, SiteRef
from event_schemas.activation import (
    ActivationCancelled,
    ActivationHeld,
    ActivationRefusal,
    ActivationRefused,
    ActivationReleased,
    ServiceActivated,
)
from event_schemas.activation_codes import CodePresented
from event_schemas.activation_mail import ReviewAnswered
from event_schemas.registration import CodeRefused, RegistrationCancelled

State = Literal["presented", "held", "activated", "refused", "cancelled"]
OPEN: Final[tuple[State, ...]] = ("presented", "held")
"""From these an item goes on; the others are what became of it, but an activated one can still be cancelled."""
ASKED_AGAIN_AFTER: Final = timedelta(hours=24)
"""A code that was not answered for so long does not keep another request for the same service from being made."""
Outcome = ServiceActivated | ActivationRefused | CodeRefused | ActivationCancelled | RegistrationCancelled
"""What ends an item's waiting, or undoes its service."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is refused: a key of the problem texts with what the text mentions."""

    code: str
    pointer: str = ""
    """JSON pointer inside the item."""
    value: Any = None
    accepted: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A service that is asked for on one product. The code that was given for it is not kept."""

    item_id: UUID
    """The `request_id` of the facts about it."""
    request_id: UUID
    """The activation request of which it is a part."""
    position: int
    """Place in the request, from 0."""
    brand: str
    state: State
    owner: str
    organisation_id: UUID | None
    requested_at: datetime
    service_reference: str
    product_id: UUID | None = None
    """None when no such product is known to the caller; then there is no customer either."""
    serial: str | None = None
    model: str | None = None
    customer_id: UUID | None = None
    """Whose the product was when the service was asked for."""
    terms_version: str | None = None
    """Which terms were accepted, at `requested_at`."""
    purchased_on: date | None = None
    site: SiteRef | None = None
    site_address: Address | None = None
    """As it was when it was compared."""
    product_address: Address | None = None
    """Where the product stands, as the sender says."""
    differences: tuple[str, ...] = ()
    """In what the two addresses differ; any makes a person look first (ACT-05)."""
    reason: Reason | None = None
    running: Mapping[str, Any] | None = None
    """The service that covers the product already."""
    redemption_id: UUID | None = None
    certificate_id: UUID | None = None
    activation_id: UUID | None = None
    settled_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    review_reason: str | None = None

    @property
    def mismatch(self) -> bool:
        """Whether somebody has to look at both addresses before the service is activated (ACT-05)."""
        return bool(self.differences)

    def presented(self, code: str) -> CodePresented:
        """The code on its private way to registration."""
        names = ("brand", "product_id", "serial", "customer_id", "service_reference", "purchased_on", "owner")
        told: dict[str, Any] = {name: getattr(self, name) for name in (*names, "organisation_id")}
        return CodePresented(**told, request_id=self.item_id, code=code, presented_at=self.requested_at)

    def held(self, offer_name: str) -> ActivationHeld:
        """The fact that somebody looks first; `offer_name` in the brand's language."""
        return ActivationHeld(**self._hold, service_name=offer_name)

    def released(self, offer_name: str) -> tuple[ActivationReleased, ReviewAnswered]:
        """The fact that it may be activated, and what the mailer tells the customer."""
        return ActivationReleased(**self._hold, service_name=offer_name), self._answered(offer_name, None)

    def not_confirmed(self, offer_name: str, reason: str) -> tuple[ActivationRefused, ReviewAnswered]:
        """The fact that it may not, and why: by mail only."""
        told = {name: value for name, value in self._hold.items() if name != "site_number"}
        refused = ActivationRefused(**told, reason=ActivationRefusal.ADDRESS_NOT_CONFIRMED)
        return refused, self._answered(offer_name, reason)

    @property
    def _hold(self) -> dict[str, Any]:
        return {
            "brand": self.brand,
            "request_id": self.item_id,
            "product_id": self.product_id,
            "redemption_id": self.redemption_id,
            "serial": self.serial,
            "service_reference": self.service_reference,
            "customer_id": self.customer_id,
            "site_number": self.site.number if self.site else "",
        }

    def _answered(self, offer_name: str, reason: str | None) -> ReviewAnswered:
        told = {name: self._hold[name] for name in ("brand", "request_id", "customer_id", "serial")}
        return ReviewAnswered(
            **told,
            service_reference=self.service_reference,
            service_name=offer_name,
            released=reason is None,
            reason=reason,
        )


def name_of(offer: Offer | None, reference: str, language: str) -> str:
    """What a service is called; its reference when the brand does not know it any more."""
    return offer.name.speak(language) if offer else reference


def shown(service: Activation, customer_id: UUID | None) -> dict[str, Any]:
    """What a product's customer is told of the service that covers it already (ACT-06)."""
    names = ("activation_id", "state", "activated_at", "operational_at")
    number = service.contract_number if service.customer_id == customer_id else None
    return {name: getattr(service, name) for name in names} | {"ends_on": service.last_day, "contract_number": number}

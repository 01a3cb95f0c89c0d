"""What a redeemed certificate becomes (ACT-01, ACT-07)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from activation_service.offers.domain import offer_for
from activation_service.policy import Offer, Policy
from chassis.calendar import last_day
from event_schemas.activation import ActivationRefusal, ActivationRefused, ServiceActivated
from event_schemas.registration import CertificateRedeemed
from event_schemas.registration_cases import ProductTransferred


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a change of hands means for a service."""

    transfer_id: UUID
    to_customer_id: UUID | None
    """None when the product is back from a lease: nobody uses it."""
    last_billable_on: date
    """Last day charged to the former customer, inclusive."""

    def ends(self, service_reference: str, policy: Policy) -> bool:
        """Whether the service ends; one that the brand does not sell any more goes with its product (REG-17)."""
        offer = next((each for each in policy.offers if each.reference == service_reference), None)
        return self.to_customer_id is None or (offer is not None and offer.transfer == "ends")


def transfer_told(event: ProductTransferred) -> Transfer:
    """The part of the fact that counts here."""
    return Transfer(event.transfer_id, event.to_customer_id, event.last_billable_on)


def decide(
    redeemed: CertificateRedeemed, policy: Policy, activation_id: UUID, now: datetime
) -> ServiceActivated | ActivationRefused:
    """Active now, or refused with the reason; `now` is aware."""
    offer = offer_for(policy, redeemed.service_reference, redeemed.model)
    if isinstance(offer, ActivationRefusal):
        return _refused(redeemed, offer)
    return _activated(redeemed, offer, policy, activation_id, now)


def _activated(
    redeemed: CertificateRedeemed, offer: Offer, policy: Policy, activation_id: UUID, now: datetime
) -> ServiceActivated:
    return ServiceActivated(
        brand=redeemed.brand,
        activation_id=activation_id,
        product_id=redeemed.product_id,
        redemption_id=redeemed.redemption_id,
        serial=redeemed.serial,
        service_reference=offer.reference,
        service_name=offer.name,
        response_level=offer.response_level,
        customer_id=redeemed.customer_id,
        activated_at=now,
        operational_at=now + policy.setup_delay,
        ends_on=last_day(policy.day_of(now), offer.duration_months),
    )


def _refused(redeemed: CertificateRedeemed, reason: ActivationRefusal) -> ActivationRefused:
    return ActivationRefused(
        brand=redeemed.brand,
        product_id=redeemed.product_id,
        redemption_id=redeemed.redemption_id,
        serial=redeemed.serial,
        service_reference=redeemed.service_reference,
        customer_id=redeemed.customer_id,
        reason=reason,
    )

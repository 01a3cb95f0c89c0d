"""What a redeemed certificate becomes (ACT-01, ACT-07)."""

from datetime import datetime
from uuid import UUID

from activation_service.offers.domain import offer_for
from activation_service.policy import Offer, Policy
from chassis.calendar import last_day
from event_schemas.activation import ActivationRefusal, ActivationRefused, ServiceActivated
from event_schemas.registration import CertificateRedeemed


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
        ends_on=last_day(now.astimezone(policy.time_zone).date(), offer.duration_months),
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

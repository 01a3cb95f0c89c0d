"""What a certificate entitles to, and one unit of it for a product: the rules of form, row and code (REG-09)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.database import Tx
from chassis.transact import Refusal
from event_schemas import Event
from registration_service.certificates.domain import Certificate
from registration_service.certificates.handlers import certificate_behind
from registration_service.offers.domain import Offer, Offers, catalogue_unknown
from registration_service.offers.handlers import offer_of, offers_of
from registration_service.policy import policy_of
from registration_service.products.domain import Product, Registrant, Running
from registration_service.products.handlers import Redeemed, redeem, services_of
from registration_service.registrations import store


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A certificate that can be used on a day, and its offer."""

    certificate: Certificate
    offer: Offer
    today: date
    """The day on which it is used, where the brand lives."""

    def not_for(self, model: str) -> Refusal | None:
        """Why it is not for a model (canonical)."""
        if self.offer.covers(model):
            return None
        details = {"service_reference": self.offer.reference}
        return Refusal("model-not-covered", 422, "/model", model, list(self.offer.models), details)

    def too_late_for(self, product: Product) -> Refusal | None:
        """Why an extension comes too late for a product (REG-15)."""
        if not self.offer.too_late(product.warranty_ends_on, self.today):
            return None
        dates = {"warranty_ended_on": product.warranty_ends_on, "today": self.today}
        return Refusal("standard-warranty-over", 409, "/purchased_on", product.purchased_on, details=dates)


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit taken for a product, and what there is to say about it."""

    redeemed: Redeemed
    facts: tuple[Event, ...]


async def entitlement(
    typed: str, brand: str, reference: str | None, today: date, tx: Tx, offers: Offers | None = None
) -> Entitlement | Refusal:
    """What the brand's certificate with a typed number entitles to; `reference` has to be its own where it is given.

    `offers` spares the look at the catalogue to those who have several certificates. Raises UnknownBrand.
    """
    certificate = await certificate_behind(typed, brand, tx)
    if isinstance(certificate, Refusal):
        return certificate
    own = certificate.service_reference
    if reference not in (None, own):
        return Refusal("service-reference-mismatch", 422, "/service_reference", reference, [own])
    offer = await offer_of(brand, own, tx) if offers is None else offers.get(own)
    if offer is None:
        return await _without_offer(certificate, tx)
    last = certificate.last_day(offer)
    if last and today > last:
        return Refusal("certificate-lapsed", 409, "/certificate", details={"usable_until": last, "today": today})
    return Entitlement(certificate, offer, today)


async def _without_offer(certificate: Certificate, tx: Tx) -> Refusal:
    if not await offers_of(certificate.brand, tx):
        return catalogue_unknown()
    # sold before the catalogue was heard, and not in it any more
    details = {"contact_address": policy_of(certificate.brand).contacts.requests}
    return Refusal("service-withdrawn", 422, "/certificate", certificate.service_reference, None, details)


async def take_one(
    product: Product,
    entitled: Entitlement,
    by: Registrant,
    tx: Tx,
    *,
    is_fresh: bool = False,
    request_id: UUID | None = None,
) -> Taken | Running | Refusal:
    """Take one unit for a locked product; the same service where it runs on it already; the refusal when none is left.

    A product that was nobody's until now is fresh.
    """
    services = {} if is_fresh else await services_of(product, tx)
    reference = entitled.offer.reference
    if running := services.get(reference):
        return running
    last = None if is_fresh else await store.under_contract(tx, product.product_id, reference, entitled.today)
    if last:
        details = {"service_reference": reference, "ends_on": last}
        return Refusal("service-under-contract", 409, "/serial", product.serial, details=details)
    redeemed = await redeem(product, entitled.certificate, by, tx, request_id)
    if isinstance(redeemed, Refusal):
        return redeemed
    told = (product.registered(),) if is_fresh else ()
    return Taken(redeemed, (*told, redeemed.redemption.redeemed()))

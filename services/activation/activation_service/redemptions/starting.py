"""A redeemed unit becomes a service: under a contract, at its site, with its licences (ACT-01, ACT-02, ACT-09)."""

from collections.abc import Sequence
from uuid import UUID

from activation_service.activations.domain import NewService
from activation_service.activations.handlers import services_of, start
from activation_service.contracts.handlers import contract_for, take_in
from activation_service.offers.handlers import offer_for
from activation_service.policy import Offer, policy_of
from activation_service.products.domain import Product
from activation_service.products.handlers import product_of
from activation_service.redemptions import hands_store, store
from activation_service.redemptions.hands import catch_up
from activation_service.requests.domain import Item
from activation_service.requests.handlers import settle
from activation_service.software.handlers import issue
from chassis.calendar import last_day
from chassis.database import Tx
from event_schemas import Event
from event_schemas.activation import ActivationRefusal, ActivationRefused
from event_schemas.registration import CertificateRedeemed


async def usable_offer(event: CertificateRedeemed, fact: UUID | None, tx: Tx) -> Offer | ActivationRefusal:
    """The offer that a unit is for when it is for this model and given where the product stands, else why not.

    It stands where it stood when `fact` was said, None: where it stands now.
    A contract may have brought the same service while the unit was on its way or held (ACT-06).
    """
    offer = await offer_for(event.brand, event.service_reference, event.model, tx)
    if isinstance(offer, ActivationRefusal):
        return offer
    if await _under_contract(event, tx):
        return ActivationRefusal.ALREADY_COVERED
    if offer.countries is None:
        return offer
    country = await hands_store.country_before(tx, event.product_id, event.customer_id, fact)
    return offer if country is None or country in offer.countries else ActivationRefusal.COUNTRY_NOT_COVERED


async def begin(event: CertificateRedeemed, offer: Offer, item: Item | None, tx: Tx) -> list[Event]:
    """Start the service of a unit that was claimed, then apply what was heard of its product too early."""
    product, policy = await _product_then(event, tx), policy_of(event.brand)
    first = policy.day_of(tx.now)
    ends_on = last_day(first, offer.duration_months)
    contract = await contract_for(event.brand, event.certificate_id, product, event.customer_id, first, ends_on, tx)
    new = NewService(
        brand=event.brand,
        product=product,
        offer=offer,
        redemption_id=event.redemption_id,
        customer_id=event.customer_id,
        site=item.site if item else None,
        terms_version=item.terms_version if item else None,
        request_id=event.request_id,
        contract=contract,
        ends_on=ends_on,
    )
    activated = await start(new, tx)
    line = await take_in(contract, activated, tx)
    licences = await issue(activated, offer, product, tx)
    await settle(event.request_id, activated, tx)
    return [activated, line, *licences, *await catch_up(event.redemption_id, tx)]


async def _under_contract(event: CertificateRedeemed, tx: Tx) -> bool:
    """Whether the same service runs there without a unit; of those with one, registration gives one at most."""
    today = policy_of(event.brand).day_of(tx.now)
    running = [
        one.redemption_id
        for one in await services_of(event.product_id, tx)
        if one.service_reference == event.service_reference and one.is_live and today <= one.last_day
    ]
    return bool(running and await store.never_redeemed(tx, running))


def refusal(event: CertificateRedeemed, reason: ActivationRefusal) -> ActivationRefused:
    """The fact that a unit becomes no service; registration gives it back."""
    told = event.model_dump(include=set(ActivationRefused.model_fields) - {"reason"})
    return ActivationRefused(**told, reason=reason)


async def _product_then(event: CertificateRedeemed, tx: Tx) -> Product:
    """The product as it was when its unit was redeemed, whatever was heard of it since."""
    owner, organisation_id = await store.holder(tx, event.product_id, event.customer_id)
    known = await product_of(event.product_id, tx)
    return Product(
        product_id=event.product_id,
        brand=event.brand,
        serial=event.serial,
        model=event.model,
        purchased_on=known.purchased_on if known else None,
        warranty_ends_on=known.warranty_ends_on if known else None,
        customer_id=event.customer_id,
        owner=owner,
        organisation_id=organisation_id,
        country=None,
    )


def facts_of(*said: Event | Sequence[Event] | None) -> list[Event]:
    """What several deeds say, in order."""
    listed = [(one,) if isinstance(one, Event) else one or () for one in said]
    return [fact for facts in listed for fact in facts]

"""A code that was given for a registered product is redeemed, or refused with the reason (ACT-02 to ACT-04)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog

from chassis.database import Tx
from chassis.transact import Refusal
from event_schemas import Event
from event_schemas.activation_codes import CodePresented
from event_schemas.registration import CodeRefusal, CodeRefused
from registration_service.contests.handlers import is_contested
from registration_service.offers.domain import CatalogueUnknown
from registration_service.policy import policy_of
from registration_service.products.domain import Product, Registrant, Running
from registration_service.products.handlers import is_redeemed, lock_registered
from registration_service.registrations.entitlement import entitlement, take_one
from registration_service.registrations.guesses import has_guessed, note_guess

log = structlog.get_logger()
_REASONS: Final[Mapping[str, CodeRefusal]] = MappingProxyType(
    {
        "certificate-unknown": CodeRefusal.UNKNOWN,
        "certificate-exhausted": CodeRefusal.USED_UP,
        "certificate-lapsed": CodeRefusal.LAPSED,
        "service-reference-mismatch": CodeRefusal.OTHER_SERVICE,
        "service-withdrawn": CodeRefusal.SERVICE_WITHDRAWN,
        "model-not-covered": CodeRefusal.MODEL_NOT_COVERED,
        "service-under-contract": CodeRefusal.ALREADY_COVERED,
        "standard-warranty-over": CodeRefusal.STANDARD_WARRANTY_OVER,
    }
)
"""What the form's refusals are called here."""


async def redeem_code(event: CodePresented, tx: Tx) -> tuple[Event, ...]:
    """Take a unit for the customer's product, once for each request (ACT-02).

    Judged as on the day on which the code was given. Raises UnknownBrand, or CatalogueUnknown when the offer has not
    been heard of: then the request waits among the dead letters for a redrive.
    """
    if await has_guessed(event, tx):
        return _refused(event, CodeRefusal.UNKNOWN)
    product = await lock_registered(event.product_id, tx)
    if await is_redeemed(event.request_id, tx):
        log.info("code redeemed before", request_id=str(event.request_id))
        return ()
    if product is None or (product.brand, product.customer_id) != (event.brand, event.customer_id):
        return _refused(event, CodeRefusal.PRODUCT_UNKNOWN)
    if await is_contested(product.product_id, tx):
        return _refused(event, CodeRefusal.PRODUCT_CONTESTED)
    outcome = await _redeem(event, product, tx)
    if outcome is CodeRefusal.UNKNOWN:
        await note_guess(event, tx)
    return _refused(event, outcome) if isinstance(outcome, CodeRefusal) else outcome


async def _redeem(event: CodePresented, product: Product, tx: Tx) -> tuple[Event, ...] | CodeRefusal:
    """The form's own rules, in the form's order."""
    day = policy_of(event.brand).day_of(event.presented_at)
    entitled = await entitlement(event.code, event.brand, event.service_reference, day, tx)
    if isinstance(entitled, Refusal):
        return _reason(entitled, event)
    if refusal := entitled.not_for(product.model) or entitled.too_late_for(product):
        return _reason(refusal, event)
    by = Registrant(event.owner, event.organisation_id)
    taken = await take_one(product, entitled, by, tx, request_id=event.request_id)
    if isinstance(taken, Running):
        return CodeRefusal.ALREADY_COVERED
    return _reason(taken, event) if isinstance(taken, Refusal) else taken.facts


def _reason(refusal: Refusal, event: CodePresented) -> CodeRefusal:
    try:
        return _REASONS[refusal.code]
    except KeyError:
        raise CatalogueUnknown(f"nothing has been heard yet of the offer {event.service_reference}") from None


def _refused(event: CodePresented, reason: CodeRefusal) -> tuple[CodeRefused]:
    refused = CodeRefused(
        brand=event.brand,
        request_id=event.request_id,
        product_id=event.product_id,
        serial=event.serial,
        service_reference=event.service_reference,
        customer_id=event.customer_id,
        reason=reason,
    )
    return (refused,)

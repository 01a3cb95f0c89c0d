"""One product, one unit: the one rule for form, batch and bulk row (REG-12, REG-13, REG-15, REG-16)."""

from dataclasses import dataclass

from pydantic import Field

from chassis.caller import Caller, Whose
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from registration_service.certificates.handlers import Reference
from registration_service.offers.domain import Offers
from registration_service.policy import policy_of
from registration_service.products.domain import Product, Running
from registration_service.products.handlers import Held, find
from registration_service.registrations import store
from registration_service.registrations.entitlement import Entitlement, entitlement, take_one
from registration_service.registrations.purchases import Purchase, claim, hold_claimed, model_said, unacceptable
from registration_service.registrations.views import registered


class RegisterProduct(Purchase):
    """One product of one customer, with one unit of one certificate."""

    certificate: Reference = Field(examples=["FC7KQ3MXT9WA"], repr=False)
    """The number from the buyer's mail."""
    service_reference: Reference | None = Field(None, examples=["PPCP013FR-VGAD"])
    """Where it is given, it must be the certificate's."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A command that is acceptable by itself, with what it names."""

    entitled: Entitlement
    model: str


async def register_product(
    command: RegisterProduct, tx: Tx, by: Caller, offers: Offers | None = None
) -> Accepted | Refusal:
    """Register a product and redeem one unit for it (RegistrationView, 201). Raises UnknownBrand.

    A product that another customer has registered is contested instead (ContestView, 202). `offers` are the brand's
    where the caller has read them for several products.
    """
    request = await _checked(command, tx, offers)
    if isinstance(request, Refusal):
        return request
    claimed = await claim(command, request.model, tx, by)
    if isinstance(claimed, Refusal):
        return claimed
    if too_late := request.entitled.too_late_for(claimed.product):
        return too_late
    held = await hold_claimed(claimed, request.entitled.certificate, tx, by)
    if not isinstance(held, Held):
        return held
    taken = await take_one(held.product, request.entitled, claimed.by, tx, is_fresh=held.is_fresh)
    if isinstance(taken, Running):
        return await _known(taken, held.product, by, tx)
    if isinstance(taken, Refusal):
        return taken
    return Accepted(registered(taken.redeemed), (*claimed.facts, *taken.facts))


async def _checked(command: RegisterProduct, tx: Tx, offers: Offers | None) -> _Request | Refusal:
    policy = policy_of(command.brand)
    today = policy.day_of(tx.now)
    if wrong := unacceptable(command, policy, today):
        return wrong
    named = command.certificate, command.brand, command.service_reference
    entitled = await entitlement(*named, today, tx, offers)
    if isinstance(entitled, Refusal):
        return entitled
    model = await model_said(command, tx)
    if isinstance(model, Refusal):
        return model
    return entitled.not_for(model) or _Request(entitled, model)


async def _known(running: Running, product: Product, by: Caller, tx: Tx) -> Refusal:
    whose = Whose.seen_by(by)
    address = policy_of(product.brand).contacts.requests
    details: dict[str, object] = {"service_reference": running.service_reference, "contact_address": address}
    if await find(tx, whose, product.product_id) or await store.find(tx, whose, running.redemption_id):
        details["product_id"] = product.product_id
        details["redemption_id"] = running.redemption_id
        details["certificate_id"] = running.certificate_id
    return Refusal("serial-already-registered", 409, "/serial", product.serial, details=details)

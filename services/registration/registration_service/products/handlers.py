"""A unit of a certificate is tied to a product, or given back (REG-09, REG-13)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import structlog
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError
from uuid6 import uuid7

from chassis.calendar import last_day
from chassis.database import Tx
from chassis.transact import Accepted, Refusal
from event_schemas.activation import ActivationRefused
from event_schemas.contacts import ContactChanged
from event_schemas.registration import CancellationReason, RegistrationCancelled
from registration_service.accounts.domain import PRINTABLE
from registration_service.accounts.handlers import Person, recognise
from registration_service.certificates.domain import Certificate, Unit
from registration_service.certificates.handlers import Reference, certificate_behind, return_unit, take_unit
from registration_service.policy import BrandName, LabelRule, Policy, policy_of
from registration_service.products import store
from registration_service.products.domain import Product, Redemption, canonical, covers, misread

log = structlog.get_logger()


def _text_only(value: Any) -> Any:
    if isinstance(value, str | date):
        return value
    raise PydanticKnownError("date_type")  # a bare number would pass as seconds since 1970


Day = Annotated[date, BeforeValidator(_text_only)]
Label = Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)]
"""Blanks included: the brand's rule judges every character."""


class RegisterProduct(BaseModel):
    """One product of one customer, with one unit of one certificate."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    brand: BrandName
    certificate: Reference = Field(examples=["FC7KQ3MXT9WA"], repr=False)
    """The number from the buyer's mail."""
    serial: Label = Field(examples=["9H0123456X"])
    """As on the product's label."""
    model: Label = Field(examples=["PT5B1E-0K601"])
    """As on the product's label."""
    purchased_on: Day = Field(examples=["2026-11-20"])
    """Day of purchase, where the standard warranty starts; not after today in the brand's time zone."""
    customer: Person


class RegistrationView(BaseModel):
    """A registered product and the unit that it redeemed."""

    product_id: UUID
    redemption_id: UUID
    certificate_id: UUID
    serial: str
    """As it was understood: in capitals."""
    warranty_ends_on: date
    """Last day of the standard warranty, inclusive."""
    customer_id: UUID
    units_left: int


async def register_product(command: RegisterProduct, tx: Tx) -> Accepted | Refusal:
    """Register a product and redeem one unit for it. Raises UnknownBrand."""
    policy = policy_of(command.brand)
    if wrong := _unacceptable(command, policy, tx.now.astimezone(policy.zone).date()):
        return wrong
    certificate = await certificate_behind(command.certificate, command.brand, tx)
    if isinstance(certificate, Refusal):
        return certificate
    if wrong := _not_covered(command, certificate, policy):
        return wrong
    customer = await recognise(command.customer, command.brand, tx, "/customer")
    if isinstance(customer, Refusal):
        return customer
    return await _redeem(_product(command, policy, customer.contact_id), certificate, customer.facts, tx)


def _unacceptable(command: RegisterProduct, policy: Policy, today: date) -> Refusal | None:
    serial, model = policy.serial, policy.model
    if wrong := _label(command.serial, serial, "/serial", "serial-malformed", "serial-wrong-length"):
        return wrong
    if wrong := _label(command.model, model, "/model", "model-malformed", "model-wrong-length"):
        return wrong
    if command.purchased_on > today:
        return Refusal("purchase-in-future", 422, "/purchased_on", str(command.purchased_on), f"≤ {today}")
    return None


def _label(typed: str, rule: LabelRule, pointer: str, malformed: str, wrong_length: str) -> Refusal | None:
    if wrong := misread(typed, rule):
        place = {"character": wrong.character, "position": wrong.position}
        return Refusal(malformed, 422, pointer, typed, wrong.likely or rule.form, place)
    if not rule.shortest <= len(typed) <= rule.longest:
        length = {"length": len(typed), "shortest": rule.shortest, "longest": rule.longest}
        return Refusal(wrong_length, 422, pointer, typed, rule.form, length)
    return None


def _not_covered(command: RegisterProduct, certificate: Certificate, policy: Policy) -> Refusal | None:
    offer = policy.offers.get(certificate.service_reference)
    if offer is None:  # the brand's policy dropped it after the certificate was sold
        return Refusal("offer-unknown", 422, "/certificate", certificate.service_reference, sorted(policy.offers))
    if not covers(offer, canonical(command.model)):
        details = {"service_reference": certificate.service_reference}
        return Refusal("model-not-covered", 422, "/model", command.model, list(offer.models), details)
    return None


def _product(command: RegisterProduct, policy: Policy, customer_id: UUID) -> Product:
    return Product(
        product_id=uuid7(),
        brand=command.brand,
        model=canonical(command.model),
        serial=canonical(command.serial),
        purchased_on=command.purchased_on,
        warranty_ends_on=last_day(command.purchased_on, policy.standard_warranty_months),
        customer_id=customer_id,
    )


async def _redeem(
    claimed: Product, certificate: Certificate, said: tuple[ContactChanged, ...], tx: Tx
) -> Accepted | Refusal:
    product = await store.hold(tx, claimed)  # always before the certificate: one order of locks
    services = await store.services_of(tx, product.product_id)
    if certificate.service_reference in services:
        return Refusal("serial-already-registered", 409, "/serial", claimed.serial)
    if not product.claimed_like(claimed):
        return Refusal("serial-registered-differently", 409, "/serial", claimed.serial)
    redemption = Redemption(uuid7(), certificate.certificate_id, certificate.service_reference, product)
    left = await take_unit(certificate, _unit(redemption), tx)
    if isinstance(left, Refusal):
        return left
    await store.redeem(tx, redemption)
    # with no service running, for whichever reason, listeners may have let go of the product: it is said again
    registered = () if services else (product.registered(),)
    return Accepted(_view(redemption, left), (*said, *registered, redemption.redeemed()))


def _unit(redemption: Redemption) -> Unit:
    product = redemption.product
    return Unit(redemption.redemption_id, redemption.certificate_id, product.customer_id, product.serial)


def _view(redemption: Redemption, units_left: int) -> RegistrationView:
    product = redemption.product
    return RegistrationView(
        product_id=product.product_id,
        redemption_id=redemption.redemption_id,
        certificate_id=redemption.certificate_id,
        serial=product.serial,
        warranty_ends_on=product.warranty_ends_on,
        customer_id=product.customer_id,
        units_left=units_left,
    )


async def give_unit_back(event: ActivationRefused, tx: Tx) -> RegistrationCancelled | None:
    """The service cannot run: its unit returns to the certificate, once; the product stays registered (REG-09)."""
    redemption = await store.lock_redemption(tx, event.redemption_id)
    if redemption is None:
        log.info("nothing to give back", redemption_id=str(event.redemption_id))
        return None
    await store.cancel(tx, redemption.redemption_id)
    await return_unit(_unit(redemption), tx)
    return redemption.cancelled(CancellationReason.ACTIVATION_REFUSED)
